using System.CommandLine;

namespace PodAgent.Cli.Commands;

/// <summary>Options that mean the same in every command that has them.</summary>
internal static class SharedOptions
{
    public static Option<string?> Socket { get; } = new("--socket")
    {
        Description = "path or URL of the agent's socket (default $PODAGENT_SOCKET, then /run/podagent/podagent.sock)",
        Recursive = true,
    };

    public static Option<string?> Namespace { get; } = new("--namespace", "-n") { Description = "namespace of the pod (default \"default\")" };

    public static Option<bool> AllNamespaces { get; } = new("--all-namespaces", "-A") { Description = "list across all namespaces" };

    public static Option<string?> Selector { get; } = new("--selector", "-l") { Description = "only objects whose labels match, as in app=web,tier!=db" };

    public static Option<string?> Container { get; } = new("--container", "-c") { Description = "container name (may be left out when the pod has one)" };
}
