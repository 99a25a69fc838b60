using System.Globalization;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Benchmarks.Lifecycle;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Memory;

/// <summary>Proportional set sizes with a number of pods running (proc(5), smaps_rollup).</summary>
internal static class PodMemory
{
    public static async Task<MemoryResult> MeasureAsync(PodAgentProcess agent, int pods)
    {
        using var call = agent.Pods.WatchPods(new ListPodsRequest());
        string[] names = [.. Enumerable.Range(0, pods).Select(number => $"memory{number}")];
        foreach (string name in names)
        {
            string draft = Path.Combine(agent.Manifests, $".{name}.draft");
            await File.WriteAllTextAsync(draft, PodStartBenchmark.Manifest(name, agent.Image));
            File.Move(draft, Path.Combine(agent.Manifests, name + ".yaml"));
        }

        await UntilAllAsync(call.ResponseStream, names, change => change.Pod.Status?.ContainerStatuses.Any(status => status.State?.Running is not null) == true);
        int[] supervisors = [.. Supervisors(agent.SandboxProgram)];
        long perPod = supervisors.Sum(ProportionalSetSize) / pods;
        var result = new MemoryResult(pods, perPod / 1024.0, ProportionalSetSize(agent.Pid) / 1024.0);

        foreach (string name in names)
        {
            File.Delete(Path.Combine(agent.Manifests, name + ".yaml"));
        }

        await UntilAllAsync(call.ResponseStream, names, change => change.Type == PodWatchEvent.Types.Type.Deleted);
        return result;
    }

    /// <summary>pod-sandbox and the pause process that it forked run the same program.</summary>
    private static IEnumerable<int> Supervisors(string program)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int pid)
                && Program(folder) == program)
            {
                yield return pid;
            }
        }
    }

    private static string? Program(string folder)
    {
        try
        {
            return File.ResolveLinkTarget(Path.Combine(folder, "exe"), returnFinalTarget: false)?.FullName;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or protected by the system: not one of ours.
            return null;
        }
    }

    private static long ProportionalSetSize(int pid)
    {
        string line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(text => text.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan("Pss:".Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
    }

    private static async Task UntilAllAsync(IAsyncStreamReader<PodWatchEvent> changes, string[] names, Func<PodWatchEvent, bool> condition)
    {
        var waiting = new HashSet<string>(names);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (waiting.Count > 0 && await changes.MoveNext(limit.Token))
        {
            PodWatchEvent change = changes.Current;
            if (change.Pod is not null && condition(change))
            {
                waiting.Remove(change.Pod.Metadata.Name);
            }
        }
    }
}
