using Grpc.Core;
using PodAgent.Api.Cri;

namespace PodAgent.Benchmarks.Runtimes;

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
    public Task<(string Id, string Name)> CreateAsync(bool stdin, params string[] command) =>
        CreateAsync(Config(Runtime.Image, command), config => config.Stdin = stdin);

    /// <summary>One with a folder of the machine at <c>/mounted</c>.</summary>
    public Task<(string Id, string Name)> CreateAsync(string folder, params string[] command) =>
        CreateAsync(Config(Runtime.Image, command), config => config.Mounts.Add(new Mount { HostPath = folder, ContainerPath = "/mounted", Readonly = true }));

    /// <summary>One of another image.</summary>
    public Task<(string Id, string Name)> CreateFromAsync(string image, params string[] command) => CreateAsync(Config(image, command), _ => { });

    private ContainerConfig Config(string image, string[] command)
    {
        string name = $"c{++_containers}";
        return new ContainerConfig
        {
            Metadata = new ContainerMetadata { Name = name },
            Image = new ImageSpec { Image = image },
            Command = { command },
            LogPath = name + ".log",
            Linux = new LinuxContainerConfig { SecurityContext = new LinuxContainerSecurityContext() },
        };
    }

    private async Task<(string Id, string Name)> CreateAsync(ContainerConfig config, Action<ContainerConfig> adjust)
    {
        adjust(config);
        return ((await Runtime.Runtime.CreateContainerAsync(new CreateContainerRequest { PodSandboxId = Id, Config = config, SandboxConfig = _config })).ContainerId, config.Metadata.Name);
    }

    public async Task StartAsync(string container) => await Runtime.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = container });

    /// <summary>Runs a command to its end and returns what it printed.</summary>
    public async Task<string> ExecAsync(string container, params string[] command)
    {
        ExecSyncResponse response = await Runtime.Runtime.ExecSyncAsync(new ExecSyncRequest { ContainerId = container, Cmd = { command }, Timeout = 60 });
        return response.ExitCode == 0
            ? response.Stdout.ToStringUtf8()
            : throw new InvalidOperationException($"{string.Join(' ', command)}: exit code {response.ExitCode}: {response.Stderr.ToStringUtf8()}");
    }

    public async Task ExitAsync(string container)
    {
        while ((await Runtime.Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = container })).Status.State != ContainerState.ContainerExited)
        {
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Runtime.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = Id });
    }

    // A container that ends while it is stopped makes containerd's call fail; the next one finds it ended.
    private async Task StopAsync()
    {
        for (int left = 3; ; left--)
        {
            try
            {
                await Runtime.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = Id });
                return;
            }
            catch (RpcException) when (left > 1)
            {
                await Task.Delay(100);
            }
        }
    }
}
