using System.Diagnostics;
using PodAgent.Api.Cri;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Lifecycle;

/// <summary>Many pods with one container each, several clients at once: what a lock around a step would show.</summary>
internal static class ParallelBenchmark
{
    public static async Task<ParallelResult> RunAsync(CriRuntimeProcess runtime, int pods, int atATime)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = atATime };
        string[] sandboxes = new string[pods];
        double[] starts = new double[pods];
        long begin = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, pods, parallel, async (i, stop) =>
        {
            long start = Stopwatch.GetTimestamp();
            sandboxes[i] = await StartAsync(runtime, i, stop);
            starts[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        });
        double startSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;

        double[] removals = new double[pods];
        begin = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, pods, parallel, async (i, stop) =>
        {
            long start = Stopwatch.GetTimestamp();
            await runtime.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = sandboxes[i] }, cancellationToken: stop);
            await runtime.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = sandboxes[i] }, cancellationToken: stop);
            removals[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        });
        double removalSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        return new ParallelResult(pods, atATime, startSeconds, Samples.Summarize(starts), removalSeconds, Samples.Summarize(removals));
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
