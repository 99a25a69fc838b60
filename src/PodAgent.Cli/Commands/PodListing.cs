using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.V1;
using PodAgent.Cli.JsonPath;
using PodAgent.Cli.Output;
using Spectre.Console;

namespace PodAgent.Cli.Commands;

/// <summary>Pods as a table, as JSON or YAML, once or followed as they change.</summary>
internal sealed class PodListing(CommandContext context, IReadOnlyList<string> names, ObjectFormat format)
{
    private readonly ListPodsRequest _request = new()
    {
        Namespace = context.ListNamespace,
        Name = names.Count == 1 ? names[0] : "",
        LabelSelector = context.Arguments.GetValue(SharedOptions.Selector) ?? "",
    };

    private readonly bool _headings = !context.Arguments.GetValue(GetCommand.NoHeaders);

    /// <summary>What kubectl says instead of an empty table.</summary>
    public static string NothingFound(string podNamespace) =>
        podNamespace.Length == 0 ? "No resources found" : $"No resources found in {podNamespace} namespace.";

    public async Task<int> ShowAsync(bool watch, CancellationToken cancel)
    {
        if (!watch)
        {
            return await ShowOnceAsync(cancel);
        }

        return !format.IsTable
            ? await WatchObjectsAsync(cancel)
            : Screen.IsTerminal ? await WatchLiveAsync(cancel) : await WatchRowsAsync(cancel);
    }

    private async Task<int> ShowOnceAsync(CancellationToken cancel)
    {
        ListPodsResponse response = await context.Agent.Pods.ListPodsAsync(_request, cancellationToken: cancel);
        Pod[] pods = Sorted(response.Pods.Where(Wanted).OrderBy(Key, StringComparer.Ordinal));
        string[] missing = [.. names.Where(name => pods.All(pod => pod.Metadata.Name != name))];
        foreach (string name in missing)
        {
            Console.Error.WriteLine($"Error from podagent (NotFound): pods \"{name}\" not found");
        }

        if (!format.IsTable)
        {
            WriteObjects(pods);
        }
        else if (pods.Length > 0)
        {
            Table(pods).Text.Write(Screen.Console, _headings);
        }
        else if (missing.Length == 0)
        {
            Console.Error.WriteLine(NothingFound(_request.Namespace));
        }

        return missing.Length == 0 ? 0 : 1;
    }

    private void WriteObjects(Pod[] pods)
    {
        if (names.Count == 1)
        {
            // One name, one object; everything else is a list, also when it has one item or none.
            if (pods.Length == 1)
            {
                format.Write(pods[0], pods, "pod", _headings);
            }

            return;
        }

        format.Write(new PodList { Metadata = new Api.Meta.ListMeta { ResourceVersion = "" }, Items = { pods } }, pods, "pod", _headings);
    }

    /// <summary>By the value of --sort-by; pods without one come first, as an empty value would.</summary>
    private Pod[] Sorted(IEnumerable<Pod> pods)
    {
        if (context.Arguments.GetValue(GetCommand.SortBy) is not { } path)
        {
            return [.. pods];
        }

        try
        {
            JsonPathExpression expression = JsonPathExpression.ParseRelaxed(path);
            return
            [
                .. pods.Select(pod => (Pod: pod, Value: expression.Select(ObjectFormat.Node(pod)) is [var value, ..] ? JsonPathTemplate.Text(value) : ""))
                    .OrderBy(pair => pair.Value, Comparer<string>.Create(JsonPathFilter.Compare))
                    .Select(pair => pair.Pod),
            ];
        }
        catch (JsonPathException mistake)
        {
            throw new CliException($"error: invalid --sort-by: {mistake.Message}");
        }
    }

    private async Task<int> WatchObjectsAsync(CancellationToken cancel)
    {
        bool first = true;
        using var call = context.Agent.Pods.WatchPods(_request, cancellationToken: cancel);
        await foreach (PodWatchEvent change in call.ResponseStream.ReadAllAsync(cancel))
        {
            if (change.Type != PodWatchEvent.Types.Type.Bookmark && Wanted(change.Pod))
            {
                if (format.Name == "yaml")
                {
                    Console.Out.WriteLine("---");
                }

                format.Write(change.Pod, [change.Pod], "pod", _headings && first);
                first = false;
            }
        }

        return 0;
    }

    /// <summary>In a pipe: the list, then a row for each change, as kubectl does.</summary>
    private async Task<int> WatchRowsAsync(CancellationToken cancel)
    {
        PodTable table = Table([]);
        bool listed = false;
        using var call = context.Agent.Pods.WatchPods(_request, cancellationToken: cancel);
        await foreach (PodWatchEvent change in call.ResponseStream.ReadAllAsync(cancel))
        {
            if (change.Type == PodWatchEvent.Types.Type.Bookmark)
            {
                listed = true;
                table.Text.Write(Screen.Console, _headings);
                table.Text.Clear();
            }
            else if (Wanted(change.Pod))
            {
                table.Add(change.Pod, TimeProvider.System.GetUtcNow());
                if (listed)
                {
                    table.Text.Write(Screen.Console, withHeadings: false);
                    table.Text.Clear();
                }
            }
        }

        return 0;
    }

    /// <summary>On a terminal: one table that redraws itself, with ages that tick.</summary>
    private async Task<int> WatchLiveAsync(CancellationToken cancel)
    {
        var pods = new SortedDictionary<string, Pod>(StringComparer.Ordinal);
        using var call = context.Agent.Pods.WatchPods(_request, cancellationToken: cancel);
        IAsyncStreamReader<PodWatchEvent> changes = call.ResponseStream;
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(1));
        await Screen.Console.Live(new Text("")).AutoClear(false).StartAsync(async live =>
        {
            Task<bool> next = changes.MoveNext(cancel);
            Task<bool> tick = clock.WaitForNextTickAsync(cancel).AsTask();
            while (true)
            {
                await Task.WhenAny(next, tick);
                if (next.IsCompleted)
                {
                    if (!await next)
                    {
                        return;
                    }

                    Note(pods, changes.Current);
                    next = changes.MoveNext(cancel);
                }

                if (tick.IsCompleted)
                {
                    _ = await tick;
                    tick = clock.WaitForNextTickAsync(cancel).AsTask();
                }

                live.UpdateTarget(new Markup(Table(pods.Values).Text.MarkupLines()));
            }
        });
        return 0;
    }

    private void Note(SortedDictionary<string, Pod> pods, PodWatchEvent change)
    {
        if (change.Type == PodWatchEvent.Types.Type.Deleted)
        {
            pods.Remove(Key(change.Pod));
        }
        else if (change.Type != PodWatchEvent.Types.Type.Bookmark && Wanted(change.Pod))
        {
            pods[Key(change.Pod)] = change.Pod;
        }
    }

    private PodTable Table(IEnumerable<Pod> pods)
    {
        var table = new PodTable(format.Name == "wide", context.ListNamespace.Length == 0, context.Arguments.GetValue(GetCommand.ShowLabels));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        foreach (Pod pod in pods)
        {
            table.Add(pod, now);
        }

        return table;
    }

    private bool Wanted(Pod pod) => names.Count == 0 || names.Contains(pod.Metadata.Name, StringComparer.Ordinal);

    private static string Key(Pod pod) => pod.Metadata.Namespace + "/" + pod.Metadata.Name;
}
