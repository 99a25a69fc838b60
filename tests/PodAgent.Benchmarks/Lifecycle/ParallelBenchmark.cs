using System.Diagnostics;
using PodAgent.Api.Cri;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Lifecycle;

/// <summary>Many pods with one container each, several clients at once: what a lock around a step would show.</summary>
internal static class ParallelBenchmark
{
    private const double Goal = 10;

    public static async Task<IReadOnlyList<Measurement>> RunAsync(CriRuntimeProcess runtime, int pods, int[] widths)
    {
        var results = new List<Measurement>();
        foreach (int width in widths)
        {
            string[] sandboxes = new string[pods];
            (double seconds, Sample each) = await AllAsync(pods, width, async (i, stop) => sandboxes[i] = await StartAsync(runtime, i, stop));
            results.Add(new Measurement($"{pods} pods started {width} at a time", seconds, "s", Goal));
            results.Add(new Measurement("  each of them", each.Median, "ms"));
            (seconds, each) = await AllAsync(pods, width, (i, stop) => RemoveAsync(runtime, sandboxes[i], stop));
            results.Add(new Measurement($"{pods} pods removed {width} at a time", seconds, "s"));
            results.Add(new Measurement("  each of them", each.Median, "ms"));
        }

        return results;
    }

    // Seconds for all, milliseconds for one.
    private static async Task<(double Seconds, Sample Each)> AllAsync(int pods, int width, Func<int, CancellationToken, Task> step)
    {
        double[] samples = new double[pods];
        long begin = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, pods, new ParallelOptions { MaxDegreeOfParallelism = width }, async (i, stop) =>
        {
            long start = Stopwatch.GetTimestamp();
            await step(i, stop);
            samples[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        });
        return (Stopwatch.GetElapsedTime(begin).TotalSeconds, Samples.Summarize(samples));
    }

    private static async Task RemoveAsync(CriRuntimeProcess runtime, string sandbox, CancellationToken stop)
    {
        await runtime.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = sandbox }, cancellationToken: stop);
        await runtime.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = sandbox }, cancellationToken: stop);
    }

    private static async Task<string> StartAsync(CriRuntimeProcess runtime, int number, CancellationToken stop)
    {
        RuntimeService.RuntimeServiceClient cri = runtime.Runtime;
        PodSandboxConfig config = LifecycleBenchmark.SandboxConfig(runtime, number);
        Directory.CreateDirectory(config.LogDirectory);
        string sandbox = (await cri.RunPodSandboxAsync(new RunPodSandboxRequest { Config = config }, cancellationToken: stop)).PodSandboxId;
        var create = new CreateContainerRequest { PodSandboxId = sandbox, SandboxConfig = config, Config = LifecycleBenchmark.ContainerConfig(runtime) };
        string container = (await cri.CreateContainerAsync(create, cancellationToken: stop)).ContainerId;
        await cri.StartContainerAsync(new StartContainerRequest { ContainerId = container }, cancellationToken: stop);
        return sandbox;
    }
}
