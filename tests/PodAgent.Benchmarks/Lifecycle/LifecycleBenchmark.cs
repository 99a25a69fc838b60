using System.Diagnostics;
using PodAgent.Api.Cri;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Lifecycle;

/// <summary>One pod after the other, each step timed: the same client code for every runtime.</summary>
internal static class LifecycleBenchmark
{
    /// <summary>What a call costs that does nothing.</summary>
    public const string EmptyCall = "empty call";

    /// <summary>
    /// The kernel takes tens of milliseconds to dispose of a pod's namespaces and control groups, under locks that the next pod needs. No node
    /// starts its pods in that moment; measured is a start, not a start beside an end.
    /// </summary>
    internal static readonly TimeSpan RestBetweenRounds = TimeSpan.FromMilliseconds(100);

    private const int WarmUpRounds = 3;

    public static async Task<LifecycleResult> RunAsync(CriRuntimeProcess runtime, int rounds)
    {
        var samples = new Dictionary<string, List<double>>();
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            await RoundAsync(runtime, round, round < 0 ? [] : samples);
        }

        return new LifecycleResult([.. samples.Select(entry => (entry.Key, Samples.Summarize(entry.Value)))]);
    }

    private static async Task RoundAsync(CriRuntimeProcess runtime, int round, Dictionary<string, List<double>> samples)
    {
        async Task<T> Time<T>(string step, Func<Task<T>> action)
        {
            long start = Stopwatch.GetTimestamp();
            T result = await action();
            Note(samples, step, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            return result;
        }

        RuntimeService.RuntimeServiceClient cri = runtime.Runtime;
        PodSandboxConfig sandbox = SandboxConfig(runtime, round);
        Directory.CreateDirectory(sandbox.LogDirectory);
        await Time(EmptyCall, async () => await cri.VersionAsync(new VersionRequest()));
        long start = Stopwatch.GetTimestamp();
        string sandboxId = (await Time("run sandbox", async () => await cri.RunPodSandboxAsync(new RunPodSandboxRequest { Config = sandbox }))).PodSandboxId;
        var create = new CreateContainerRequest { PodSandboxId = sandboxId, SandboxConfig = sandbox, Config = ContainerConfig(runtime) };
        string containerId = (await Time("create container", async () => await cri.CreateContainerAsync(create))).ContainerId;
        await Time("start container", async () => await cri.StartContainerAsync(new StartContainerRequest { ContainerId = containerId }));
        Note(samples, "whole pod", Stopwatch.GetElapsedTime(start).TotalMilliseconds);

        var exec = new ExecSyncRequest { ContainerId = containerId, Cmd = { "true" }, Timeout = 10 };
        ExecSyncResponse executed = await Time("exec", async () => await cri.ExecSyncAsync(exec));
        if (executed.ExitCode != 0)
        {
            throw new InvalidOperationException($"exec ended with {executed.ExitCode}: {executed.Stderr.ToStringUtf8()}");
        }

        await Time("stop container", async () => await cri.StopContainerAsync(new StopContainerRequest { ContainerId = containerId, Timeout = 10 }));
        await Time("stop sandbox", async () => await cri.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = sandboxId }));
        await Time("remove sandbox", async () => await cri.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = sandboxId }));
        await Task.Delay(RestBetweenRounds);
    }

    private static void Note(Dictionary<string, List<double>> samples, string step, double milliseconds)
    {
        if (!samples.TryGetValue(step, out List<double>? list))
        {
            samples[step] = list = [];
        }

        list.Add(milliseconds);
    }

    internal static PodSandboxConfig SandboxConfig(CriRuntimeProcess runtime, int round)
    {
        string uid = Guid.NewGuid().ToString();
        return new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = $"bench{round + WarmUpRounds}", Namespace = "bench", Uid = uid, Attempt = 0 },
            Hostname = "bench",
            LogDirectory = Path.Combine(runtime.LogDirectory, uid),
            Linux = new LinuxPodSandboxConfig { CgroupParent = $"{runtime.CgroupParent}/pod{uid}", SecurityContext = new LinuxSandboxSecurityContext { NamespaceOptions = new NamespaceOption { Pid = NamespaceMode.Container } } },
        };
    }

    internal static ContainerConfig ContainerConfig(CriRuntimeProcess runtime) => new()
    {
        Metadata = new ContainerMetadata { Name = "main" },
        Image = new ImageSpec { Image = runtime.Image },
        // A shell that ends on SIGTERM, as process 1 has to ask for; otherwise stopping would measure the grace period.
        Command = { "sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait" },
        LogPath = "main/0.log",
        Linux = new LinuxContainerConfig { SecurityContext = new LinuxContainerSecurityContext { NamespaceOptions = new NamespaceOption { Pid = NamespaceMode.Container } } },
    };
}
