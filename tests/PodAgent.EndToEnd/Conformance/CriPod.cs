using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>
/// A sandbox and what a test puts into it, over the CRI socket as any client would. Disposing stops and removes it, with running containers
/// inside, as a kubelet may.
/// </summary>
internal sealed class CriPod : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static int s_last;

    private readonly AgentFixture _agent;

    private CriPod(AgentFixture agent, PodSandboxConfig config, string id)
    {
        _agent = agent;
        Config = config;
        Id = id;
    }

    public PodSandboxConfig Config { get; }

    public string Id { get; }

    /// <summary>A configuration with a name of its own and nothing optional but a log directory.</summary>
    public static PodSandboxConfig NewConfig(AgentFixture agent)
    {
        string name = $"pod-{Interlocked.Increment(ref s_last)}";
        return new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = name, Namespace = "conformance", Uid = $"uid-{name}", Attempt = 2 },
            LogDirectory = Path.Combine(agent.PodLogs, name),
            Linux = new LinuxPodSandboxConfig(),
        };
    }

    public static async Task<CriPod> RunAsync(AgentFixture agent, Action<PodSandboxConfig>? configure = null)
    {
        PodSandboxConfig config = NewConfig(agent);
        configure?.Invoke(config);
        return await RunAsync(agent, config);
    }

    public static async Task<CriPod> RunAsync(AgentFixture agent, PodSandboxConfig config) =>
        new(agent, config, (await agent.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = config })).PodSandboxId);

    /// <summary>A sandbox with security options.</summary>
    public static Task<CriPod> RunAsync(AgentFixture agent, LinuxSandboxSecurityContext security) =>
        RunAsync(agent, config => config.Linux.SecurityContext = security);

    public static ContainerConfig Container(params string[] command) => new()
    {
        Metadata = new ContainerMetadata { Name = $"c-{Interlocked.Increment(ref s_last)}", Attempt = 1 },
        Image = new ImageSpec { Image = PodYaml.Busybox },
        Command = { command },
    };

    public static ContainerConfig Idle() => Container("sleep", "100000");

    public static ContainerConfig Shell(string script) => Container("sh", "-c", script);

    public static ContainerConfig Secured(ContainerConfig config, LinuxContainerSecurityContext security)
    {
        config.Linux = new LinuxContainerConfig { SecurityContext = security };
        return config;
    }

    public async Task<string> CreateAsync(ContainerConfig config)
    {
        string id = (await _agent.Runtime.CreateContainerAsync(new CreateContainerRequest { PodSandboxId = Id, Config = config, SandboxConfig = Config })).ContainerId;
        return id;
    }

    public async Task<string> StartAsync(ContainerConfig config)
    {
        string id = await CreateAsync(config);
        await _agent.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id });
        return id;
    }

    /// <summary>Creating must fail, with one of the codes that say whose mistake it is, and leave no container.</summary>
    public async Task<RpcException> RefusedAsync(ContainerConfig config)
    {
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => CreateAsync(config));
        Assert.Contains(refused.StatusCode, new[] { StatusCode.InvalidArgument, StatusCode.NotFound, StatusCode.FailedPrecondition });
        Assert.Empty((await _agent.Runtime.ListContainersAsync(new ListContainersRequest { Filter = new ContainerFilter { PodSandboxId = Id } })).Containers);
        return refused;
    }

    public async Task<PodSandboxStatus> StatusAsync() =>
        (await _agent.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = Id })).Status;

    public async Task<ContainerStatus> StatusAsync(string container) =>
        (await _agent.Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = container })).Status;

    /// <summary>Asks until the container has ended.</summary>
    public async Task<ContainerStatus> ExitAsync(string container)
    {
        using var limit = new CancellationTokenSource(s_patience);
        while (true)
        {
            ContainerStatus status = await StatusAsync(container);
            if (status.State == ContainerState.ContainerExited)
            {
                return status;
            }

            await Task.Delay(10, limit.Token);
        }
    }

    public async Task StopAsync() => await _agent.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = Id });

    public async Task StopAsync(string container, long seconds) =>
        await _agent.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = container, Timeout = seconds });

    public async Task RemoveAsync(string container) => await _agent.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = container });

    /// <summary>Runs a command in the container; it must end by itself.</summary>
    public async Task<(int Code, string Output, string Error)> ExecAsync(string container, params string[] command)
    {
        ExecSyncResponse response = await _agent.Runtime.ExecSyncAsync(new ExecSyncRequest { ContainerId = container, Cmd = { command }, Timeout = 30 });
        return (response.ExitCode, response.Stdout.ToStringUtf8(), response.Stderr.ToStringUtf8());
    }

    /// <summary>Standard output of a command that must succeed without a word on standard error.</summary>
    public async Task<string> OutputAsync(string container, params string[] command)
    {
        (int code, string output, string error) = await ExecAsync(container, command);
        Assert.True(code == 0 && error.Length == 0, $"exit code {code}\nstdout: {output}\nstderr: {error}");
        return output;
    }

    /// <summary>What one shell container says until its end, by its log; the configuration may be changed before.</summary>
    public async Task<(ContainerStatus Status, string Output, string Error)> RunToEndAsync(ContainerConfig config)
    {
        config.LogPath = $"{config.Metadata.Name}.log";
        ContainerStatus status = await ExitAsync(await StartAsync(config));
        return (status, LogText(config, "stdout"), LogText(config, "stderr"));
    }

    public string LogFile(ContainerConfig config) => Path.Combine(Config.LogDirectory, config.LogPath);

    /// <summary>What a container wrote to one stream, put together from its log.</summary>
    public string LogText(ContainerConfig config, string stream) => string.Concat(
        LogLine.ReadAll(LogFile(config)).Where(line => line.Stream == stream).Select(line => line.Partial ? line.Text : line.Text + "\n"));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _agent.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = Id });
    }
}
