using System.CommandLine;
using PodAgent.Api.Cri;
using PodAgent.Api.Json;
using PodAgent.Api.Meta;
using PodAgent.Api.Yaml;
using PodAgent.Cli.Output;
using PodAgent.Cli.Runtime;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl ps</c>: the runtime's containers, those of all pods and of other CRI clients.</summary>
internal static class PsCommand
{
    private static readonly Argument<string?> s_pod = new("POD") { Description = "only containers of this pod", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> s_all = new("--all", "-a") { Description = "also those that do not run" };
    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "only IDs" };
    private static readonly Option<bool> s_noTrunc = new("--no-trunc") { Description = "IDs in full" };
    private static readonly Option<string?> s_namespace = new("--namespace", "-n") { Description = "only containers of pods in this namespace" };
    private static readonly Option<string?> s_output = new("--output", "-o") { Description = "json or yaml" };

    public static Command Create()
    {
        s_output.AcceptOnlyFromAmong("json", "yaml");
        var command = new Command("ps", "List containers")
        {
            s_pod, s_all, s_quiet, s_noTrunc, s_namespace, SharedOptions.Selector, s_output, GetCommand.NoHeaders,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        RuntimeObjects objects = await RuntimeObjects.ReadAsync(context.Agent.Runtime, cancel);
        Container[] shown = [.. objects.Containers.Where(container => Wanted(context, objects, container))];
        switch (context.Arguments.GetValue(s_output))
        {
            case "json":
                Console.Out.WriteLine(KubernetesJson.Write(List(shown), indented: true));
                return 0;
            case "yaml":
                Console.Out.Write(KubernetesYaml.Write(List(shown)));
                return 0;
        }

        bool full = context.Arguments.GetValue(s_noTrunc);
        if (context.Arguments.GetValue(s_quiet))
        {
            foreach (Container container in shown)
            {
                Console.Out.WriteLine(full ? container.Id : RuntimeObjects.Short(container.Id));
            }

            return 0;
        }

        var table = new TextTable("CONTAINER ID", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE");
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        foreach (Container container in shown)
        {
            (string podNamespace, string pod) = objects.PodOf(container);
            table.Add(
                full ? container.Id : RuntimeObjects.Short(container.Id),
                ImageName(container.Image),
                Age.Format(now - DateTimeOffset.FromUnixTimeMilliseconds(container.CreatedAt / 1_000_000)) + " ago",
                State(container.State),
                container.Metadata?.Name ?? "",
                $"{container.Metadata?.Attempt ?? 0}",
                full ? container.PodSandboxId : RuntimeObjects.Short(container.PodSandboxId),
                pod,
                podNamespace);
        }

        table.Write(Screen.Console, !context.Arguments.GetValue(GetCommand.NoHeaders));
        return 0;
    }

    private static bool Wanted(CommandContext context, RuntimeObjects objects, Container container)
    {
        (string podNamespace, string pod) = objects.PodOf(container);
        string? wantedPod = context.Arguments.GetValue(s_pod) is { } name ? ObjectName.Pod(name) : null;
        string? wantedNamespace = context.Arguments.GetValue(s_namespace);
        string? selector = context.Arguments.GetValue(SharedOptions.Selector);
        return (context.Arguments.GetValue(s_all) || container.State == ContainerState.ContainerRunning)
            && (wantedPod is null || pod == wantedPod)
            && (wantedNamespace is null || podNamespace == wantedNamespace)
            && (selector is null || Selector(selector).Matches(container.Labels));
    }

    private static LabelSelectorExpression Selector(string text) =>
        LabelSelectorExpression.TryParse(text, out LabelSelectorExpression? expression, out string? problem)
            ? expression
            : throw new CliException($"error: invalid selector \"{text}\": {problem}");

    /// <summary>The name that the pod gives, which says more than the ID that the engine creates containers with.</summary>
    private static string ImageName(ImageSpec? image) =>
        image is null ? "" : string.IsNullOrEmpty(image.UserSpecifiedImage) ? image.Image : image.UserSpecifiedImage;

    private static ListContainersResponse List(IEnumerable<Container> containers) => new() { Containers = { containers } };

    private static Cell State(ContainerState state) => state switch
    {
        ContainerState.ContainerRunning => new Cell("Running", "green"),
        ContainerState.ContainerCreated => new Cell("Created", "yellow"),
        ContainerState.ContainerExited => new Cell("Exited", "grey"),
        _ => new Cell("Unknown", "red"),
    };
}
