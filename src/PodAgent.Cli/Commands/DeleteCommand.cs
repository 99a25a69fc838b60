using System.CommandLine;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.V1;
using PodAgent.Cli.Connection;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl delete pod NAME...</c> and <c>podctl delete -f FILE</c>.</summary>
internal static class DeleteCommand
{
    private static readonly Argument<string[]> s_words = new("POD") { Description = "pod NAME..., or pod/NAME...", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<long?> s_grace = new("--grace-period") { Description = "seconds to end gracefully (default: the pod's own); 0 kills at once" };
    private static readonly Option<bool> s_now = new("--now") { Description = "the same as --grace-period=1" };
    private static readonly Option<bool> s_force = new("--force") { Description = "the same as --grace-period=0" };
    private static readonly Option<bool> s_wait = new("--wait") { Description = "return when nothing of the pod is left (default true)", DefaultValueFactory = _ => true };
    private static readonly Option<bool> s_ignoreNotFound = new("--ignore-not-found") { Description = "succeed when the pod does not exist" };
    private static readonly Option<bool> s_all = new("--all") { Description = "all pods of the namespace" };

    public static Command Create()
    {
        var command = new Command("delete", "Delete pods")
        {
            s_words, ApplyCommand.Files, s_grace, s_now, s_force, s_wait, s_ignoreNotFound, s_all, SharedOptions.Namespace, SharedOptions.Selector,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        IReadOnlyList<(string Namespace, string Name)> targets = await TargetsAsync(context, cancel);
        int[] results = await Task.WhenAll(targets.Select(target => DeleteAsync(context, target.Namespace, target.Name, cancel)));
        return results.Max();
    }

    private static async Task<IReadOnlyList<(string Namespace, string Name)>> TargetsAsync(CommandContext context, CancellationToken cancel)
    {
        if (context.Arguments.GetValue(ApplyCommand.Files) is { Length: > 0 } files)
        {
            var targets = new List<(string, string)>();
            foreach (Pod pod in await ManifestFiles.ReadPodsAsync(files, cancel))
            {
                ApplyCommand.PlaceInNamespace(pod, context);
                targets.Add((pod.Metadata.Namespace.Length > 0 ? pod.Metadata.Namespace : "default", pod.Metadata.Name));
            }

            return targets;
        }

        IReadOnlyList<string> names = ObjectName.Pods(context.Arguments.GetValue(s_words)!);
        string? selector = context.Arguments.GetValue(SharedOptions.Selector);
        if (names.Count > 0 && (selector is not null || context.Arguments.GetValue(s_all)))
        {
            throw new CliException("error: name cannot be provided when a selector or --all is specified");
        }

        if (names.Count == 0 && (selector is not null || context.Arguments.GetValue(s_all)))
        {
            var request = new ListPodsRequest { Namespace = context.Namespace, LabelSelector = selector ?? "" };
            ListPodsResponse response = await context.Agent.Pods.ListPodsAsync(request, cancellationToken: cancel);
            return response.Pods.Count > 0
                ? [.. response.Pods.Select(pod => (pod.Metadata.Namespace, pod.Metadata.Name))]
                : throw new CliException("No resources found", exitCode: 0);
        }

        return names.Count > 0
            ? [.. names.Distinct(StringComparer.Ordinal).Select(name => (context.Namespace, name))]
            : throw new CliException("error: say which pods: names, -l, --all or -f");
    }

    private static async Task<int> DeleteAsync(CommandContext context, string podNamespace, string name, CancellationToken cancel)
    {
        var request = new DeletePodRequest { Namespace = podNamespace, Name = name, Wait = context.Arguments.GetValue(s_wait) };
        long? grace = context.Arguments.GetValue(s_force) ? 0 : context.Arguments.GetValue(s_now) ? 1 : context.Arguments.GetValue(s_grace);
        if (grace is { } seconds)
        {
            request.GracePeriodSeconds = seconds;
        }

        try
        {
            await context.Agent.Pods.DeletePodAsync(request, cancellationToken: cancel);
            Console.Out.WriteLine($"pod \"{name}\" deleted");
            return 0;
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.NotFound && context.Arguments.GetValue(s_ignoreNotFound))
        {
            return 0;
        }
        catch (RpcException failure) when (failure.StatusCode is not StatusCode.Unavailable and not StatusCode.Cancelled)
        {
            Console.Error.WriteLine(FailureText.Describe(failure));
            return 1;
        }
    }
}
