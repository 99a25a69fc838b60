using System.CommandLine;
using System.Formats.Tar;
using PodAgent.Cli.Copying;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl cp [POD:]SRC [POD:]DST</c>: files and directories into and out of containers, through their own tar.</summary>
internal static class CopyCommand
{
    private static readonly Argument<string> s_source = new("SRC") { Description = "PATH, POD:PATH or NAMESPACE/POD:PATH" };
    private static readonly Argument<string> s_destination = new("DST") { Description = "PATH, POD:PATH or NAMESPACE/POD:PATH" };
    private static readonly Option<bool> s_noPreserve = new("--no-preserve") { Description = "leave owner and permissions in the container to its tar" };

    public static Command Create()
    {
        var command = new Command("cp", "Copy files to and from containers, which need tar")
        {
            s_source, s_destination, SharedOptions.Container, s_noPreserve, SharedOptions.Namespace,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        CopyPath source = CopyPath.Parse(context.Arguments.GetValue(s_source)!);
        CopyPath destination = CopyPath.Parse(context.Arguments.GetValue(s_destination)!);
        return (source.Pod, destination.Pod) switch
        {
            (not null, not null) => throw new CliException("error: one of src or dest must be a local file specification"),
            (null, null) => throw new CliException("error: one of src or dest must be a remote file specification"),
            (not null, null) => FromPodAsync(context, source, destination.Path, cancel),
            _ => ToPodAsync(context, source.Path, destination, cancel),
        };
    }

    private static Task<ContainerTarget> FindAsync(CommandContext context, CopyPath path, CancellationToken cancel) =>
        ContainerTarget.FindRunningAsync(context, path.Pod!, context.Arguments.GetValue(SharedOptions.Container), cancel, path.Namespace);

    private static async Task<int> FromPodAsync(CommandContext context, CopyPath source, string destination, CancellationToken cancel)
    {
        ContainerTarget target = await FindAsync(context, source, cancel);
        (string directory, string name) = Split(source.Path);
        if (Directory.Exists(destination) && name != ".")
        {
            destination = Path.Combine(destination, name);
        }

        // tar is told the directory, not the path, so that names in the archive begin with what was asked for.
        string[] words = ["tar", "cf", "-", "-C", directory, "--", name];
        using RemoteCommand tar = await RemoteCommand.StartAsync(context.Agent.Containers, target.ContainerId, stdin: false, words, cancel);
        using var extraction = new ArchiveExtraction(destination, name, warning => Console.Error.WriteLine($"warning: {TerminalText.OneLine(warning)}"));
        await using var archive = new RemoteCommandStream(tar);
        int count = 0;
        CliException? broken = null;
        try
        {
            count = await extraction.RunAsync(archive, cancel);
        }
        catch (CliException failure)
        {
            broken = failure;
        }

        // tar's own words, and its exit code, tell more than the half archive that it left.
        return await EndAsync(tar, cancel) is var code and not 0 ? code
            : broken is not null ? throw broken
            : count > 0 ? 0
            : throw new CliException($"error: {source.Path}: no file was sent");
    }

    private static async Task<int> ToPodAsync(CommandContext context, string source, CopyPath destination, CancellationToken cancel)
    {
        string local = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        bool contentOnly = source.EndsWith("/.", StringComparison.Ordinal) || source == ".";
        if (!Path.Exists(local))
        {
            throw new CliException($"error: {source} doesn't exist in local filesystem");
        }

        ContainerTarget target = await FindAsync(context, destination, cancel);
        (string directory, string name) = Split(destination.Path);
        string whole = directory == "." && name == "." ? "." : Path.Combine(directory, name);
        if (await IsDirectoryAsync(context, target, whole, cancel) && !contentOnly)
        {
            (directory, name) = (whole, Path.GetFileName(local));
        }

        string[] owner = context.Arguments.GetValue(s_noPreserve) ? ["--no-same-permissions", "--no-same-owner"] : [];
        string[] words = ["tar", .. owner, "-xmf", "-", "-C", directory];
        using RemoteCommand tar = await RemoteCommand.StartAsync(context.Agent.Containers, target.ContainerId, stdin: true, words, cancel);
        Exception? broken = null;
        try
        {
            // Not the GNU format: its access times stand where busybox reads the beginning of the name.
            await using (var writer = new TarWriter(new RemoteCommandStream(tar), TarEntryFormat.Pax, leaveOpen: true))
            {
                await AddAsync(writer, local, name, cancel);
            }

            await tar.CloseInputAsync(cancel);
        }
        catch (Exception ended) when (ended is Grpc.Core.RpcException or InvalidOperationException && !cancel.IsCancellationRequested)
        {
            // tar has ended before its input; its exit code and its words tell why.
            broken = ended;
        }

        return await EndAsync(tar, cancel) is var code and not 0 ? code
            : broken is null ? 0
            : throw new CliException($"error: tar in the container ended before everything was sent: {broken.Message}");
    }

    private static async Task AddAsync(TarWriter writer, string path, string name, CancellationToken cancel)
    {
        var attributes = File.GetAttributes(path);
        if (name != ".")
        {
            await writer.WriteEntryAsync(path, name, cancel);
        }

        // A symbolic link is copied as one, wherever it leads.
        if (attributes.HasFlag(FileAttributes.Directory) && !attributes.HasFlag(FileAttributes.ReparsePoint))
        {
            foreach (string below in Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal))
            {
                await AddAsync(writer, below, name == "." ? Path.GetFileName(below) : $"{name}/{Path.GetFileName(below)}", cancel);
            }
        }
    }

    private static async Task<bool> IsDirectoryAsync(CommandContext context, ContainerTarget target, string path, CancellationToken cancel)
    {
        using RemoteCommand test = await RemoteCommand.StartAsync(context.Agent.Containers, target.ContainerId, stdin: false, ["test", "-d", path], cancel);
        return await test.ExitAsync(cancel) == 0;
    }

    private static async Task<int> EndAsync(RemoteCommand tar, CancellationToken cancel)
    {
        int code = await tar.ExitAsync(cancel);
        if (code != 0)
        {
            Console.Error.WriteLine($"command terminated with exit code {code}");
        }

        return code;
    }

    // A path of the container: the directory to work in, and the name there; "." for a whole directory's content.
    private static (string Directory, string Name) Split(string path)
    {
        string trimmed = path.Length > 1 ? path.TrimEnd('/') : path;
        if (trimmed is "" or "/")
        {
            return ("/", ".");
        }

        int slash = trimmed.LastIndexOf('/');
        string name = trimmed[(slash + 1)..];
        string directory = slash < 0 ? "." : slash == 0 ? "/" : trimmed[..slash];
        return name is "." or ".." ? (trimmed, ".") : (directory, name);
    }
}
