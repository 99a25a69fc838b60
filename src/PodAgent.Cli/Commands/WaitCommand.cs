using System.CommandLine;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl wait --for=condition=Ready pod/NAME</c>: returns when it holds, by following the pod instead of asking again.</summary>
internal static class WaitCommand
{
    private static readonly Argument<string[]> s_words = new("POD") { Description = "pod NAME..., or pod/NAME...", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> s_for = new("--for") { Description = "condition=TYPE[=STATUS], phase=PHASE or delete", Required = true };
    private static readonly Option<string> s_timeout = new("--timeout") { Description = "how long (default 30s)", DefaultValueFactory = _ => "30s" };

    public static Command Create()
    {
        var command = new Command("wait", "Wait until pods are in a state") { s_words, s_for, s_timeout, SharedOptions.Namespace };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        string goal = context.Arguments.GetValue(s_for)!;
        Func<Pod?, bool> holds = Condition(goal);
        TimeSpan timeout = DurationText.Parse("--timeout", context.Arguments.GetValue(s_timeout)!);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeout);
        foreach (string name in ObjectName.Pods(context.Arguments.GetValue(s_words)!))
        {
            try
            {
                await FollowAsync(context, name, holds, limit.Token);
            }
            catch (Exception failure) when (failure is RpcException or OperationCanceledException && limit.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                throw new CliException($"error: timed out waiting for the condition on pods/{name}");
            }

            Console.Out.WriteLine($"pod/{name} {(goal == "delete" ? "deleted" : "condition met")}");
        }

        return 0;
    }

    private static async Task FollowAsync(CommandContext context, string name, Func<Pod?, bool> holds, CancellationToken cancel)
    {
        var request = new ListPodsRequest { Namespace = context.Namespace, Name = name };
        using var call = context.Agent.Pods.WatchPods(request, cancellationToken: cancel);
        Pod? pod = null;
        bool listed = false;
        await foreach (PodWatchEvent change in call.ResponseStream.ReadAllAsync(cancel))
        {
            listed |= change.Type == PodWatchEvent.Types.Type.Bookmark;
            pod = change.Type switch
            {
                PodWatchEvent.Types.Type.Bookmark => pod,
                PodWatchEvent.Types.Type.Deleted => null,
                _ => change.Pod,
            };
            if ((listed || pod is not null) && holds(pod))
            {
                return;
            }
        }

        throw new CliException($"error: the agent ended the watch of pods/{name}");
    }

    /// <summary>The test behind a --for; a pod that does not exist is null.</summary>
    internal static Func<Pod?, bool> Condition(string goal)
    {
        string[] parts = goal.Split('=', 3);
        return parts switch
        {
            ["delete"] => pod => pod is null,
            ["condition", { Length: > 0 } type] => pod => Has(pod, type, "True"),
            ["condition", { Length: > 0 } type, { Length: > 0 } status] => pod => Has(pod, type, status),
            ["jsonpath", "{.status.phase}", { Length: > 0 } phase] => pod => string.Equals(pod?.Status?.Phase, phase, StringComparison.Ordinal),
            ["phase", { Length: > 0 } phase] => pod => string.Equals(pod?.Status?.Phase, phase, StringComparison.OrdinalIgnoreCase),
            _ => throw new CliException($"error: unrecognized condition: \"{goal}\"; write condition=Ready, phase=Succeeded or delete"),
        };
    }

    private static bool Has(Pod? pod, string type, string status) =>
        pod?.Status?.Conditions.Any(condition => string.Equals(condition.Type, type, StringComparison.OrdinalIgnoreCase)
            && string.Equals(condition.Status, status, StringComparison.OrdinalIgnoreCase)) == true;
}
