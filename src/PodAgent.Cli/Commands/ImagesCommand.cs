using System.CommandLine;
using System.Globalization;
using PodAgent.Api.Cri;
using PodAgent.Api.Json;
using PodAgent.Api.Yaml;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl images</c>.</summary>
internal static class ImagesCommand
{
    private const int ShortId = 13;

    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "only IDs" };

    private static readonly Option<string?> s_output = new("--output", "-o") { Description = "json or yaml" };

    /// <summary>Whole IDs and lines.</summary>
    public static readonly Option<bool> NoTrunc = new("--no-trunc") { Description = "nothing shortened" };

    public static Command Create() => Create("images");

    /// <summary>The same below <c>podctl image</c>.</summary>
    public static Command CreateList()
    {
        Command command = Create("ls");
        command.Aliases.Add("list");
        return command;
    }

    private static Command Create(string name)
    {
        s_output.AcceptOnlyFromAmong("json", "yaml");
        var command = new Command(name, "List the images on this node") { s_quiet, NoTrunc, s_output, GetCommand.NoHeaders };
        CommandContext.Bind(command, (context, cancel) => ShowAsync(context, context.Arguments.GetValue(s_output), cancel));
        return command;
    }

    /// <summary>Prints the images as a table, or as the runtime's answer in <paramref name="output"/> (json or yaml).</summary>
    public static async Task<int> ShowAsync(CommandContext context, string? output, CancellationToken cancel)
    {
        ListImagesResponse response = await context.Agent.Images.ListImagesAsync(new ListImagesRequest(), cancellationToken: cancel);
        Image[] images = [.. response.Images.OrderBy(image => image.RepoTags.FirstOrDefault() ?? "~", StringComparer.Ordinal)];
        switch (output)
        {
            case "json":
                Console.Out.WriteLine(KubernetesJson.Write(new ListImagesResponse { Images = { images } }, indented: true));
                return 0;
            case "yaml":
                Console.Out.Write(KubernetesYaml.Write(new ListImagesResponse { Images = { images } }));
                return 0;
        }

        if (context.Arguments.GetValue(s_quiet))
        {
            foreach (Image image in images)
            {
                Console.Out.WriteLine(image.Id);
            }

            return 0;
        }

        var table = new TextTable("IMAGE", "TAG", "IMAGE ID", "SIZE");
        foreach (Image image in images)
        {
            string id = context.Arguments.GetValue(NoTrunc) ? image.Id : Shorten(image.Id);
            foreach ((string name, string tag) in Names(image))
            {
                table.Add(name, tag, id, Size(image.Size));
            }
        }

        table.Write(Screen.Console, !context.Arguments.GetValue(GetCommand.NoHeaders));
        return 0;
    }

    /// <summary>Bytes in decimal units, as crictl and docker print them.</summary>
    internal static string Size(ulong bytes) => bytes switch
    {
        < 1000 => $"{bytes}B",
        < 1_000_000 => Scaled(bytes, 1e3, "kB"),
        < 1_000_000_000 => Scaled(bytes, 1e6, "MB"),
        _ => Scaled(bytes, 1e9, "GB"),
    };

    private static string Scaled(ulong bytes, double unit, string name) => string.Create(CultureInfo.InvariantCulture, $"{bytes / unit:0.##}{name}");

    private static string Shorten(string id)
    {
        string digits = id.StartsWith("sha256:", StringComparison.Ordinal) ? id["sha256:".Length..] : id;
        return digits.Length > ShortId ? digits[..ShortId] : digits;
    }

    private static IEnumerable<(string Name, string Tag)> Names(Image image)
    {
        if (image.RepoTags.Count > 0)
        {
            return image.RepoTags.Select(reference =>
            {
                int colon = reference.LastIndexOf(':');
                return (reference[..colon], reference[(colon + 1)..]);
            });
        }

        string? digest = image.RepoDigests.FirstOrDefault();
        return [(digest is null ? "<none>" : digest[..digest.IndexOf('@', StringComparison.Ordinal)], "<none>")];
    }
}
