using PodAgent.Api.Cri;
using PodAgent.Benchmarks.Runtimes;

namespace PodAgent.Benchmarks.Throughput;

/// <summary>A sandbox with containers for one measurement. Disposing removes it.</summary>
internal sealed class BenchmarkPod : IAsyncDisposable
{
    private readonly PodSandboxConfig _config;
    private int _containers;

    private BenchmarkPod(CriRuntimeProcess runtime, PodSandboxConfig config, string id)
    {
        Runtime = runtime;
        _config = config;
        Id = id;
    }

    public CriRuntimeProcess Runtime { get; }

    public string Id { get; }

    public string LogFile(string container) => Path.Combine(_config.LogDirectory, container + ".log");

    public static async Task<BenchmarkPod> StartAsync(CriRuntimeProcess runtime)
    {
        string uid = Guid.NewGuid().ToString();
        var config = new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = "throughput", Namespace = "bench", Uid = uid },
            LogDirectory = Path.Combine(runtime.LogDirectory, uid),
            Linux = new LinuxPodSandboxConfig { CgroupParent = $"{runtime.CgroupParent}/pod{uid}" },
        };
        Directory.CreateDirectory(config.LogDirectory);
        return new BenchmarkPod(runtime, config, (await runtime.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = config })).PodSandboxId);
    }

    /// <summary>A container of busybox; its name is its log's.</summary>
    public async Task<(string Id, string Name)> CreateAsync(bool stdin, params string[] command)
    {
        string name = $"c{++_containers}";
        var config = new ContainerConfig
        {
            Metadata = new ContainerMetadata { Name = name },
            Image = new ImageSpec { Image = Runtime.Image },
            Command = { command },
            LogPath = name + ".log",
            Stdin = stdin,
            Linux = new LinuxContainerConfig { SecurityContext = new LinuxContainerSecurityContext() },
        };
        return ((await Runtime.Runtime.CreateContainerAsync(new CreateContainerRequest { PodSandboxId = Id, Config = config, SandboxConfig = _config })).ContainerId, name);
    }

    public async Task StartAsync(string container) => await Runtime.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = container });

    public async Task ExitAsync(string container)
    {
        while ((await Runtime.Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = container })).Status.State != ContainerState.ContainerExited)
        {
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Runtime.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = Id });
        await Runtime.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = Id });
    }
}
