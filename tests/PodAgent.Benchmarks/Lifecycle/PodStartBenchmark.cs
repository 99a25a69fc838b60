using System.Diagnostics;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Lifecycle;

/// <summary>From a manifest's rename into the directory to the watch event that says its container runs, and back to nothing.</summary>
internal static class PodStartBenchmark
{
    private const int WarmUpRounds = 3;

    public static async Task<PodStartResult> RunAsync(PodAgentProcess agent, int rounds)
    {
        var starts = new List<double>();
        var deletions = new List<double>();
        using var call = agent.Pods.WatchPods(new ListPodsRequest());
        IAsyncStreamReader<PodWatchEvent> changes = call.ResponseStream;
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            string name = $"start{round + WarmUpRounds}";
            string draft = Path.Combine(agent.Manifests, $".{name}.draft");
            string manifest = Path.Combine(agent.Manifests, name + ".yaml");
            await File.WriteAllTextAsync(draft, Manifest(name, agent.Image));

            long start = Stopwatch.GetTimestamp();
            File.Move(draft, manifest);
            await UntilAsync(changes, name, change => change.Pod.Status.ContainerStatuses.Any(status => status.State?.Running is not null));
            double started = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

            start = Stopwatch.GetTimestamp();
            File.Delete(manifest);
            await UntilAsync(changes, name, change => change.Type == PodWatchEvent.Types.Type.Deleted);
            double deleted = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (round >= 0)
            {
                starts.Add(started);
                deletions.Add(deleted);
            }

            await Task.Delay(LifecycleBenchmark.RestBetweenRounds);
        }

        return new PodStartResult(Samples.Median(starts), Samples.Median(deletions));
    }

    internal static async Task UntilAsync(IAsyncStreamReader<PodWatchEvent> changes, string name, Func<PodWatchEvent, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await changes.MoveNext(limit.Token))
        {
            PodWatchEvent change = changes.Current;
            if (change.Pod?.Metadata?.Name == name && change.Pod.Status is not null && condition(change))
            {
                return;
            }
        }

        throw new InvalidOperationException($"the watch ended before pod {name} got there");
    }

    internal static string Manifest(string name, string image) =>
        $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
        spec:
          terminationGracePeriodSeconds: 5
          containers:
            - name: main
              image: {{image}}
              imagePullPolicy: IfNotPresent
              command: [sh, -c, "trap 'exit 0' TERM; sleep 1000000 & wait"]

        """;
}
