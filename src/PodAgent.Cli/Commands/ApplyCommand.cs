using System.CommandLine;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.V1;
using PodAgent.Cli.Connection;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl apply -f FILE</c>.</summary>
internal static class ApplyCommand
{
    private static readonly Option<string?> s_dryRun = new("--dry-run")
    {
        Description = "check the pods and say what would happen, change nothing; kubectl's client and server mean the same here",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<string[]> Files { get; } = new("--filename", "-f")
    {
        Description = "manifest file, directory of manifests, or - for standard input; may be given more than once",
        AllowMultipleArgumentsPerToken = false,
    };

    public static Command Create()
    {
        s_dryRun.AcceptOnlyFromAmong("none", "client", "server");
        var command = new Command("apply", "Create or change pods from manifests") { Files, s_dryRun, SharedOptions.Namespace };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        string[] files = context.Arguments.GetValue(Files) is { Length: > 0 } given
            ? given
            : throw new CliException("error: must specify -f with a file, a directory or -");
        bool dryRun = context.Arguments.GetResult(s_dryRun) is not null && context.Arguments.GetValue(s_dryRun) != "none";
        int status = 0;
        foreach (Pod pod in await ManifestFiles.ReadPodsAsync(files, cancel))
        {
            PlaceInNamespace(pod, context);
            try
            {
                ApplyPodResponse response = await context.Agent.Pods.ApplyPodAsync(new ApplyPodRequest { Pod = pod, DryRun = dryRun }, cancellationToken: cancel);
                foreach (string warning in response.Warnings)
                {
                    Console.Error.WriteLine("Warning: " + warning);
                }

                Console.Out.WriteLine($"pod/{response.Pod.Metadata.Name} {response.Outcome.ToString().ToLowerInvariant()}{(dryRun ? " (dry run)" : "")}");
            }
            catch (RpcException failure) when (failure.StatusCode is not StatusCode.Unavailable and not StatusCode.Cancelled)
            {
                // The other pods of the files are independent of this one.
                Console.Error.WriteLine(FailureText.Describe(failure, $"Pod \"{pod.Metadata?.Name}\""));
                status = 1;
            }
        }

        return status;
    }

    /// <summary>Gives a pod the namespace of the command line, which must not contradict its own.</summary>
    public static void PlaceInNamespace(Pod pod, CommandContext context)
    {
        string? wanted = context.Arguments.GetValue(SharedOptions.Namespace);
        pod.Metadata ??= new Api.Meta.ObjectMeta();
        if (wanted is null)
        {
            return;
        }

        if (pod.Metadata.HasNamespace && pod.Metadata.Namespace.Length > 0 && pod.Metadata.Namespace != wanted)
        {
            throw new CliException(
                $"error: the namespace from the provided object \"{pod.Metadata.Namespace}\" does not match the namespace \"{wanted}\"; "
                + $"pass '--namespace={pod.Metadata.Namespace}' or leave the option out");
        }

        pod.Metadata.Namespace = wanted;
    }
}
