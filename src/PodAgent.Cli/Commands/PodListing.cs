using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.Json;
using PodAgent.Api.V1;
using PodAgent.Api.Yaml;
using PodAgent.Cli.Output;
using Spectre.Console;

namespace PodAgent.Cli.Commands;

/// <summary>Pods as a table, as JSON or YAML, once or followed as they change.</summary>
internal sealed class PodListing(CommandContext context, IReadOnlyList<string> names, string? format)
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

        return format is "json" or "yaml" or "name"
            ? await WatchObjectsAsync(cancel)
            : Screen.IsTerminal ? await WatchLiveAsync(cancel) : await WatchRowsAsync(cancel);
    }

    private async Task<int> ShowOnceAsync(CancellationToken cancel)
    {
        ListPodsResponse response = await context.Agent.Pods.ListPodsAsync(_request, cancellationToken: cancel);
        Pod[] pods = [.. response.Pods.Where(Wanted).OrderBy(Key, StringComparer.Ordinal)];
        string[] missing = [.. names.Where(name => pods.All(pod => pod.Metadata.Name != name))];
        foreach (string name in missing)
        {
            Console.Error.WriteLine($"Error from podagent (NotFound): pods \"{name}\" not found");
        }

        if (format is "json" or "yaml" or "name")
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
        if (format == "name")
        {
            foreach (Pod pod in pods)
            {
                Console.Out.WriteLine("pod/" + pod.Metadata.Name);
            }

            return;
        }

        if (names.Count == 1)
        {
            // One name, one object; everything else is a list, also when it has one item or none.
            if (pods.Length == 1)
            {
                Console.Out.WriteLine(format == "json" ? KubernetesJson.Write(pods[0], indented: true) : KubernetesYaml.Write(pods[0]).TrimEnd('\n'));
            }

            return;
        }

        var list = new PodList { Metadata = new Api.Meta.ListMeta { ResourceVersion = "" } };
        list.Items.AddRange(pods);
        Console.Out.WriteLine(format == "json" ? KubernetesJson.Write(list, indented: true) : KubernetesYaml.Write(list).TrimEnd('\n'));
    }

    private async Task<int> WatchObjectsAsync(CancellationToken cancel)
    {
        using var call = context.Agent.Pods.WatchPods(_request, cancellationToken: cancel);
        await foreach (PodWatchEvent change in call.ResponseStream.ReadAllAsync(cancel))
        {
            if (change.Type != PodWatchEvent.Types.Type.Bookmark && Wanted(change.Pod))
            {
                Console.Out.WriteLine(format switch
                {
                    "json" => KubernetesJson.Write(change.Pod, indented: true),
                    "yaml" => "---\n" + KubernetesYaml.Write(change.Pod).TrimEnd('\n'),
                    _ => "pod/" + change.Pod.Metadata.Name,
                });
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
        var table = new PodTable(wide: format == "wide", withNamespace: context.ListNamespace.Length == 0);
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
