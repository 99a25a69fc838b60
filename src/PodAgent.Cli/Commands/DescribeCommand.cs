using System.CommandLine;
using PodAgent.Api.Core;
using PodAgent.Api.V1;
using PodAgent.Cli.Describe;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl describe pod NAME</c>.</summary>
internal static class DescribeCommand
{
    private static readonly Argument<string[]> s_words = new("POD") { Description = "pod NAME..., or pod/NAME...; all pods without names", Arity = ArgumentArity.OneOrMore };

    public static Command Create()
    {
        var command = new Command("describe", "Show everything about pods") { s_words, SharedOptions.Namespace, SharedOptions.AllNamespaces, SharedOptions.Selector };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        IReadOnlyList<string> names = ObjectName.Pods(context.Arguments.GetValue(s_words)!);
        var request = new ListPodsRequest { Namespace = context.ListNamespace, LabelSelector = context.Arguments.GetValue(SharedOptions.Selector) ?? "" };
        ListPodsResponse all = await context.Agent.Pods.ListPodsAsync(request, cancellationToken: cancel);
        int status = 0;
        bool first = true;
        foreach (Pod pod in Chosen(names, all.Pods, ref status))
        {
            var query = new ListEventsRequest { Namespace = pod.Metadata.Namespace, Pod = pod.Metadata.Name };
            ListEventsResponse events = await context.Agent.Pods.ListEventsAsync(query, cancellationToken: cancel);
            Console.Out.Write((first ? "" : "\n\n") + PodDescription.Write(pod, events.Events, TimeProvider.System));
            first = false;
        }

        if (first && status == 0)
        {
            Console.Error.WriteLine(PodListing.NothingFound(request.Namespace));
        }

        return status;
    }

    private static List<Pod> Chosen(IReadOnlyList<string> names, IReadOnlyCollection<Pod> pods, ref int status)
    {
        if (names.Count == 0)
        {
            return [.. pods.OrderBy(pod => pod.Metadata.Namespace + "/" + pod.Metadata.Name, StringComparer.Ordinal)];
        }

        var chosen = new List<Pod>();
        foreach (string name in names)
        {
            Pod[] found = [.. pods.Where(pod => pod.Metadata.Name == name)];
            chosen.AddRange(found);
            if (found.Length == 0)
            {
                Console.Error.WriteLine($"Error from podagent (NotFound): pods \"{name}\" not found");
                status = 1;
            }
        }

        return chosen;
    }
}
