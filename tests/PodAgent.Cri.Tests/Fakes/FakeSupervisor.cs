using System.Collections.Concurrent;
using System.Threading.Channels;
using PodAgent.Containers.Protocol;
using PodAgent.Cri.Ports;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Fakes;

/// <summary>A supervisor that does nothing but remember; tests end its processes.</summary>
internal sealed class FakeSupervisor : ISandboxSupervisor
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Channel<Message> _events = Channel.CreateUnbounded<Message>();
    private int _nextPid = 1000;

    public ConcurrentDictionary<string, ProcessState> Processes { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = new();

    public SandboxSpec? Spec { get; private set; }

    public bool Ready { get; set; } = true;

    // Signals that end a process; others are noted and ignored.
    public HashSet<int> DeadlySignals { get; } = [9, 15];

    // Made ahead for the pod; what takes it closes it.
    public Fd? NetworkNamespace { get; set; }

    public Action? OnCreate { get; set; }

    public Exception? CreateFailure { get; set; }

    public Exception? StartFailure { get; set; }

    // Held back until the test completes it.
    public TaskCompletionSource? StartGate { get; set; }

    public ConcurrentBag<(ExecRequest Request, List<Fd> Descriptors)> Execs { get; } = [];

    public Action<ExecRequest, IReadOnlyList<Fd>>? OnExec { get; set; }

    public Task Closed => _closed.Task;

    public ChannelReader<Message> Events => _events.Reader;

    public Fd? TakeNetworkNamespace()
    {
        Fd? taken = NetworkNamespace;
        NetworkNamespace = null;
        return taken;
    }

    // A new agent connects: events for the old one are gone.
    public FakeSupervisor Reconnect()
    {
        _events = Channel.CreateUnbounded<Message>();
        return this;
    }

    public void Die() => _closed.TrySetResult();

    public void End(string id, int exitCode, bool oomKilled = false, bool report = true)
    {
        ProcessState ended = Processes[id].Clone();
        ended.FinishedAt = ended.StartedAt + 1_000_000_000;
        ended.ExitCode = exitCode;
        ended.Signal = exitCode > 128 ? exitCode - 128 : 0;
        ended.OomKilled = oomKilled;
        Processes[id] = ended;
        if (report)
        {
            _events.Writer.TryWrite(new Message { Exit = new ExitEvent { Process = ended } });
        }
    }

    public Task SubscribeAsync(CancellationToken cancellationToken) => Note("subscribe");

    public Task<StateReply> GetStateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new StateReply { PausePid = 999, Ready = Ready, Processes = { Processes.Values } });

    public Task<CreateSandboxReply> CreateSandboxAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        _ = Note("create-sandbox");
        Spec = spec;
        OnCreate?.Invoke();
        return CreateFailure is null
            ? Task.FromResult(new CreateSandboxReply { PausePid = 999 })
            : Task.FromException<CreateSandboxReply>(CreateFailure);
    }

    public async Task<StartReply> StartContainerAsync(
        ContainerSpec spec, IReadOnlyList<Fd> descriptors, CancellationToken cancellationToken)
    {
        _ = Note($"start {spec.Id}");
        if (StartGate is { } gate)
        {
            await gate.Task;
        }

        if (StartFailure is not null)
        {
            throw StartFailure;
        }

        return Start(spec.Id, spec.Id);
    }

    public Task<StartReply> ExecAsync(ExecRequest request, IReadOnlyList<Fd> descriptors, CancellationToken cancellationToken)
    {
        _ = Note($"exec {string.Join(' ', request.Process.Args)}");
        StartReply reply = Start(request.Id, request.ContainerId);
        Execs.Add((request, [.. descriptors]));
        OnExec?.Invoke(request, descriptors);
        return Task.FromResult(reply);
    }

    public Task AttachAsync(AttachRequest request, IReadOnlyList<Fd> descriptors, CancellationToken cancellationToken) =>
        _ = Note($"attach {request.Id}");

    public Task SignalAsync(string id, int signal, bool all, CancellationToken cancellationToken)
    {
        _ = Note($"signal {signal}{(all ? " all" : "")}");
        if (DeadlySignals.Contains(signal) && Processes.TryGetValue(id, out ProcessState? process) && process.FinishedAt == 0)
        {
            End(id, 128 + signal);
        }

        return Task.CompletedTask;
    }

    public Task ResizeAsync(string id, uint columns, uint rows, CancellationToken cancellationToken) => Note($"resize {columns}x{rows}");

    public Task ReopenLogAsync(string id, CancellationToken cancellationToken) => Note($"reopen {id}");

    public Task ForgetAsync(string id, CancellationToken cancellationToken)
    {
        Processes.TryRemove(id, out _);
        return Note($"forget {id}");
    }

    public Task ShutdownAsync(CancellationToken cancellationToken)
    {
        _ = Note("shutdown");
        Die();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _ = Note("dispose");
        return ValueTask.CompletedTask;
    }

    private StartReply Start(string id, string containerId)
    {
        int pid = Interlocked.Increment(ref _nextPid);
        long startedAt = pid * 1_000_000_000L;
        Processes[id] = new ProcessState { Id = id, ContainerId = containerId, Pid = pid, StartedAt = startedAt };
        return new StartReply { Pid = pid, StartedAt = startedAt };
    }

    private Task Note(string call)
    {
        Calls.Enqueue(call);
        return Task.CompletedTask;
    }
}
