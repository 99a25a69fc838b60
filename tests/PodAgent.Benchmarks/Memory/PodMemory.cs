using System.Globalization;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Benchmarks.Lifecycle;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Memory;

/// <summary>Proportional set sizes with a number of pods running, some seconds after the last has started (proc(5), smaps_rollup).</summary>
internal static class PodMemory
{
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(8);

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
        // At rest: whatever a runtime gives back after the work, it has given back by then.
        await Task.Delay(s_rest);
        IReadOnlyList<int> supervisors = await SupervisorsAsync(agent.SandboxProgram);
        long perPod = supervisors.Sum(ProportionalSetSize) / pods;
        var result = new MemoryResult(pods, perPod / 1024.0, ProportionalSetSize(agent.Pid) / 1024.0);

        foreach (string name in names)
        {
            File.Delete(Path.Combine(agent.Manifests, name + ".yaml"));
        }

        await UntilAllAsync(call.ResponseStream, names, change => change.Type == PodWatchEvent.Types.Type.Deleted);
        return result;
    }

    /// <summary>
    /// pod-sandbox and the pause process that it forked run the same program. It is executed through a mount of its own, so the file is known
    /// by its number and not by its path.
    /// </summary>
    private static async Task<IReadOnlyList<int>> SupervisorsAsync(string program)
    {
        string number = (await Tool.RunAsync("stat", "-c", "%i", program)).Trim();
        string all = await Tool.RunAsync("sh", "-c", "stat -L -c '%i %n' /proc/[0-9]*/exe 2>/dev/null || true");
        return
        [
            .. all.Split('\n').Select(line => line.Split(' ')).Where(words => words[0] == number)
                .Select(words => int.Parse(words[1].Split('/')[2], CultureInfo.InvariantCulture)),
        ];
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
