using System.Threading.Channels;
using Grpc.Core;

namespace PodAgent.Pods.Tests.Fakes;

/// <summary>
/// A CRI runtime in memory: containers are records that a test lets run, exit and answer. Everything that was called is in <see cref="Calls"/>.
/// </summary>
internal sealed class FakeRuntime(TimeProvider time) : Cri.RuntimeService.RuntimeServiceBase
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FakeSandbox> _sandboxes = [];
    private readonly Dictionary<string, FakeContainer> _containers = [];
    private readonly List<Channel<Cri.ContainerEventResponse>> _events = [];
    private readonly List<string> _calls = [];
    private int _ids;

    /// <summary>Called for each container as it is started: may end it or make the start fail.</summary>
    public Action<FakeContainer>? OnStart { get; set; }

    /// <summary>By container name; runs when its stop signal arrives. Default: it ends at once with 0.</summary>
    public Func<FakeContainer, long, CancellationToken, Task>? OnStop { get; set; }

    public Func<FakeContainer, IReadOnlyList<string>, CancellationToken, Task<(int ExitCode, string Output)>>? OnExec { get; set; }

    public Func<Cri.PodSandboxConfig, string?>? FailSandbox { get; set; }

    public Func<Cri.ContainerConfig, string?>? FailCreate { get; set; }

    public Func<Cri.ContainerConfig, string?>? FailStart { get; set; }

    /// <summary>The answer to RuntimeConfig; null: an older runtime, which does not have the call.</summary>
    public Cri.RuntimeConfigResponse? Config { get; set; }

    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    public IReadOnlyList<FakeContainer> Containers
    {
        get
        {
            lock (_lock)
            {
                return [.. _containers.Values];
            }
        }
    }

    public IReadOnlyList<FakeSandbox> Sandboxes
    {
        get
        {
            lock (_lock)
            {
                return [.. _sandboxes.Values];
            }
        }
    }

    public FakeContainer Container(string name) => Containers.Where(c => c.Config.Metadata.Name == name).MaxBy(c => c.Config.Metadata.Attempt)!;

    public void Exit(FakeContainer container, int exitCode, string reason = "")
    {
        lock (_lock)
        {
            if (container.State != Cri.ContainerState.ContainerRunning)
            {
                return;
            }

            container.State = Cri.ContainerState.ContainerExited;
            container.ExitCode = exitCode;
            container.Reason = reason.Length > 0 ? reason : exitCode == 0 ? "Completed" : "Error";
            container.FinishedAt = time.GetUtcNow();
        }

        Raise(container, Cri.ContainerEventType.ContainerStoppedEvent);
    }

    public void KillSandbox(FakeSandbox sandbox)
    {
        sandbox.Ready = false;
        foreach (FakeContainer container in Containers.Where(c => c.SandboxId == sandbox.Id))
        {
            Exit(container, 137, "Error");
        }
    }

    /// <summary>Ends all event streams, as a runtime that restarts does.</summary>
    public void BreakEvents()
    {
        lock (_lock)
        {
            _events.ForEach(e => e.Writer.TryComplete(new RpcException(new RpcStatus(StatusCode.Unavailable, "runtime restarts"))));
            _events.Clear();
        }
    }

    /// <summary>Holds the making of sandboxes up.</summary>
    public Task SandboxGate { get; set; } = Task.CompletedTask;

    public override Task<Cri.RuntimeConfigResponse> RuntimeConfig(Cri.RuntimeConfigRequest request, ServerCallContext context) =>
        Config is null ? base.RuntimeConfig(request, context) : Task.FromResult(Config);

    public override async Task<Cri.RunPodSandboxResponse> RunPodSandbox(Cri.RunPodSandboxRequest request, ServerCallContext context)
    {
        Called($"RunPodSandbox {request.Config.Metadata.Name}/{request.Config.Metadata.Attempt}");
        // A runtime that does not notice its caller's leaving.
        await SandboxGate;
        if (FailSandbox?.Invoke(request.Config) is { } failure)
        {
            throw new RpcException(new RpcStatus(StatusCode.Unknown, failure));
        }

        lock (_lock)
        {
            int number = ++_ids;
            FakeSandbox sandbox = new()
            {
                Id = $"sandbox{number}",
                Config = request.Config,
                CreatedAt = time.GetUtcNow().AddTicks(number),
                Ip = request.Config.Linux.SecurityContext.NamespaceOptions.Network == Cri.NamespaceMode.Node ? "" : $"10.88.0.{number}",
            };
            _sandboxes[sandbox.Id] = sandbox;
            return new Cri.RunPodSandboxResponse { PodSandboxId = sandbox.Id };
        }
    }

    public override async Task<Cri.StopPodSandboxResponse> StopPodSandbox(Cri.StopPodSandboxRequest request, ServerCallContext context)
    {
        await Task.Yield();
        FakeSandbox? sandbox = Sandboxes.FirstOrDefault(s => s.Id == request.PodSandboxId);
        if (sandbox is not null)
        {
            Called($"StopPodSandbox {sandbox.Config.Metadata.Name}");
            KillSandbox(sandbox);
        }

        return new Cri.StopPodSandboxResponse();
    }

    public override Task<Cri.RemovePodSandboxResponse> RemovePodSandbox(Cri.RemovePodSandboxRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            if (_sandboxes.Remove(request.PodSandboxId, out FakeSandbox? sandbox))
            {
                _calls.Add($"RemovePodSandbox {sandbox.Config.Metadata.Name}");
                foreach (FakeContainer container in _containers.Values.Where(c => c.SandboxId == sandbox.Id).ToList())
                {
                    _containers.Remove(container.Id);
                }
            }
        }

        return Task.FromResult(new Cri.RemovePodSandboxResponse());
    }

    public override Task<Cri.PodSandboxStatusResponse> PodSandboxStatus(Cri.PodSandboxStatusRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            return _sandboxes.TryGetValue(request.PodSandboxId, out FakeSandbox? sandbox)
                ? Task.FromResult(new Cri.PodSandboxStatusResponse { Status = sandbox.ToStatus() })
                : throw new RpcException(new RpcStatus(StatusCode.NotFound, $"sandbox {request.PodSandboxId} not found"));
        }
    }

    public override Task<Cri.ListPodSandboxResponse> ListPodSandbox(Cri.ListPodSandboxRequest request, ServerCallContext context)
    {
        Cri.ListPodSandboxResponse response = new();
        lock (_lock)
        {
            response.Items.AddRange(_sandboxes.Values
                .Where(s => request.Filter.LabelSelector.All(l => s.Config.Labels.TryGetValue(l.Key, out string? v) && v == l.Value))
                .Select(s => new Cri.PodSandbox
                {
                    Id = s.Id,
                    Metadata = s.Config.Metadata,
                    State = s.Ready ? Cri.PodSandboxState.SandboxReady : Cri.PodSandboxState.SandboxNotready,
                    CreatedAt = s.CreatedAt.ToUnixNanoseconds(),
                    Labels = { s.Config.Labels },
                    Annotations = { s.Config.Annotations },
                }));
        }

        return Task.FromResult(response);
    }

    public override Task<Cri.CreateContainerResponse> CreateContainer(Cri.CreateContainerRequest request, ServerCallContext context)
    {
        Called($"CreateContainer {request.Config.Metadata.Name}/{request.Config.Metadata.Attempt}");
        if (FailCreate?.Invoke(request.Config) is { } failure)
        {
            throw new RpcException(new RpcStatus(StatusCode.Unknown, failure));
        }

        FakeContainer container;
        lock (_lock)
        {
            int number = ++_ids;
            container = new FakeContainer
            {
                Id = $"container{number}",
                SandboxId = request.PodSandboxId,
                Config = request.Config,
                SandboxConfig = request.SandboxConfig,
                CreatedAt = time.GetUtcNow().AddTicks(number),
            };
            _containers[container.Id] = container;
        }

        Raise(container, Cri.ContainerEventType.ContainerCreatedEvent);
        return Task.FromResult(new Cri.CreateContainerResponse { ContainerId = container.Id });
    }

    public override Task<Cri.StartContainerResponse> StartContainer(Cri.StartContainerRequest request, ServerCallContext context)
    {
        FakeContainer container = Find(request.ContainerId);
        Called($"StartContainer {container.Config.Metadata.Name}");
        if (FailStart?.Invoke(container.Config) is { } failure)
        {
            lock (_lock)
            {
                container.State = Cri.ContainerState.ContainerExited;
                container.ExitCode = 128;
                container.Reason = "StartError";
                container.Message = failure;
                container.FinishedAt = time.GetUtcNow();
            }

            throw new RpcException(new RpcStatus(StatusCode.Unknown, failure));
        }

        lock (_lock)
        {
            container.State = Cri.ContainerState.ContainerRunning;
            container.StartedAt = time.GetUtcNow();
        }

        Raise(container, Cri.ContainerEventType.ContainerStartedEvent);
        OnStart?.Invoke(container);
        return Task.FromResult(new Cri.StartContainerResponse());
    }

    public override async Task<Cri.StopContainerResponse> StopContainer(Cri.StopContainerRequest request, ServerCallContext context)
    {
        FakeContainer container = Find(request.ContainerId);
        Called($"StopContainer {container.Config.Metadata.Name} {request.Timeout}");
        if (OnStop is not null)
        {
            await OnStop(container, request.Timeout, context.CancellationToken);
        }

        Exit(container, 0);
        return new Cri.StopContainerResponse();
    }

    public override Task<Cri.RemoveContainerResponse> RemoveContainer(Cri.RemoveContainerRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            if (_containers.Remove(request.ContainerId, out FakeContainer? container))
            {
                _calls.Add($"RemoveContainer {container.Config.Metadata.Name}/{container.Config.Metadata.Attempt}");
            }
        }

        return Task.FromResult(new Cri.RemoveContainerResponse());
    }

    public override Task<Cri.ListContainersResponse> ListContainers(Cri.ListContainersRequest request, ServerCallContext context)
    {
        Cri.ListContainersResponse response = new();
        lock (_lock)
        {
            response.Containers.AddRange(_containers.Values
                .Where(c => request.Filter is null || request.Filter.LabelSelector.All(l => c.Config.Labels.TryGetValue(l.Key, out string? v) && v == l.Value))
                .Select(c => new Cri.Container
                {
                    Id = c.Id,
                    PodSandboxId = c.SandboxId,
                    Metadata = c.Config.Metadata,
                    Image = c.Config.Image,
                    State = c.State,
                    CreatedAt = c.CreatedAt.ToUnixNanoseconds(),
                    Labels = { c.Config.Labels },
                    Annotations = { c.Config.Annotations },
                }));
        }

        return Task.FromResult(response);
    }

    public override Task<Cri.ContainerStatusResponse> ContainerStatus(Cri.ContainerStatusRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            return Task.FromResult(new Cri.ContainerStatusResponse { Status = Find(request.ContainerId).ToStatus() });
        }
    }

    public override Task<Cri.ReopenContainerLogResponse> ReopenContainerLog(Cri.ReopenContainerLogRequest request, ServerCallContext context)
    {
        FakeContainer container = Find(request.ContainerId);
        Called($"ReopenContainerLog {container.Config.Metadata.Name}");
        File.WriteAllText(container.LogPath, "");
        return Task.FromResult(new Cri.ReopenContainerLogResponse());
    }

    public override async Task<Cri.ExecSyncResponse> ExecSync(Cri.ExecSyncRequest request, ServerCallContext context)
    {
        FakeContainer container = Find(request.ContainerId);
        Called($"ExecSync {container.Config.Metadata.Name} {string.Join(' ', request.Cmd)}");
        (int exitCode, string output) = OnExec is null ? (0, "") : await OnExec(container, request.Cmd, context.CancellationToken);
        return new Cri.ExecSyncResponse { ExitCode = exitCode, Stdout = Google.Protobuf.ByteString.CopyFromUtf8(output) };
    }

    public override async Task GetContainerEvents(
        Cri.GetEventsRequest request, IServerStreamWriter<Cri.ContainerEventResponse> responseStream, ServerCallContext context)
    {
        Channel<Cri.ContainerEventResponse> channel = Channel.CreateUnbounded<Cri.ContainerEventResponse>();
        lock (_lock)
        {
            _events.Add(channel);
        }

        await foreach (Cri.ContainerEventResponse e in channel.Reader.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(e, context.CancellationToken);
        }
    }

    private FakeContainer Find(string id)
    {
        lock (_lock)
        {
            return _containers.GetValueOrDefault(id) ?? throw new RpcException(new RpcStatus(StatusCode.NotFound, $"container {id} not found"));
        }
    }

    private void Called(string call)
    {
        lock (_lock)
        {
            _calls.Add(call);
        }
    }

    private void Raise(FakeContainer container, Cri.ContainerEventType type)
    {
        lock (_lock)
        {
            Cri.ContainerEventResponse e = new()
            {
                ContainerId = container.Id,
                ContainerEventType = type,
                PodSandboxStatus = _sandboxes.GetValueOrDefault(container.SandboxId)?.ToStatus(),
            };
            _events.ForEach(channel => channel.Writer.TryWrite(e));
        }
    }
}
