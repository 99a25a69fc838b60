using System.Collections.Concurrent;
using PodAgent.Containers.Protocol;
using PodAgent.Cri.Ports;
using PodAgent.Linux;

namespace PodAgent.Cri.Sandboxes;

/// <summary>The line to one pod's supervisor while this agent holds it: requests go out, events come in and find their owner.</summary>
internal sealed class SandboxSupervision(string sandboxId, ISandboxSupervisor supervisor, ISupervisionSink sink) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ProcessState>> _execs = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _letGo = new();
    private Task _pump = Task.CompletedTask;
    private bool _expectedEnd;

    public ISandboxSupervisor Supervisor => supervisor;

    /// <summary>Asks for events, and hands them out from now on.</summary>
    public async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        await supervisor.SubscribeAsync(cancellationToken).ConfigureAwait(false);
        _pump = PumpAsync();
    }

    /// <summary>Completes with the end of an exec. Asked for before the exec is started, or its end could come first.</summary>
    public Task<ProcessState> ExpectExec(string execId) =>
        _execs.GetOrAdd(execId, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>The exec did not start, or nobody waits for it any more.</summary>
    public void AbandonExec(string execId) => _execs.TryRemove(execId, out _);

    /// <summary>Ends the supervisor with all that is left in the pod; gone already is fine.</summary>
    public async Task ShutdownAsync(CancellationToken cancellationToken)
    {
        _expectedEnd = true;
        if (!supervisor.Closed.IsCompleted)
        {
            try
            {
                await supervisor.ShutdownAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (AgentException lost) when (lost.Kind == ErrorKind.Unavailable)
            {
                // It may end before its answer is read, and it may have been killed a moment before: either way it is gone.
            }

            await supervisor.Closed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await _pump.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets go of the supervisor, which goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        _expectedEnd = true;
        await _letGo.CancelAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(false);
        await supervisor.DisposeAsync().ConfigureAwait(false);
    }

    private async Task PumpAsync()
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_letGo.Token);
        _ = supervisor.Closed.ContinueWith(
            static (_, state) => ((CancellationTokenSource)state!).Cancel(),
            ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)
            .ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
        try
        {
            await foreach (Message message in supervisor.Events.ReadAllAsync(ended.Token).ConfigureAwait(false))
            {
                Dispatch(message);
            }
        }
        catch (OperationCanceledException)
        {
            // Let go, or closed: what had arrived before is still worth having.
            while (!_letGo.IsCancellationRequested && supervisor.Events.TryRead(out Message? message))
            {
                Dispatch(message);
            }
        }
        catch (Exception) when (supervisor.Closed.IsCompleted)
        {
            // The channel tells the broken line in its own way; Closed is what counts.
        }

        foreach (string exec in _execs.Keys)
        {
            if (_execs.TryRemove(exec, out TaskCompletionSource<ProcessState>? waiter))
            {
                waiter.TrySetException(new AgentException(ErrorKind.Unavailable, "the pod's supervisor has ended"));
            }
        }

        if (!_expectedEnd)
        {
            sink.SupervisorLost(sandboxId);
        }
    }

    private void Dispatch(Message message)
    {
        switch (message.BodyCase)
        {
            case Message.BodyOneofCase.Exit when _execs.TryRemove(message.Exit.Process.Id, out TaskCompletionSource<ProcessState>? waiter):
                waiter.TrySetResult(message.Exit.Process);
                Forget(message.Exit.Process.Id);
                break;
            case Message.BodyOneofCase.Exit when message.Exit.Process.Id == sandboxId:
                sink.PauseEnded(sandboxId);
                break;
            case Message.BodyOneofCase.Exit when message.Exit.Process.ContainerId.Length > 0
                                                 && message.Exit.Process.ContainerId != message.Exit.Process.Id:
                // An exec that nobody waits for: its client left, or belonged to an earlier agent.
                Forget(message.Exit.Process.Id);
                break;
            case Message.BodyOneofCase.Exit:
                sink.ContainerExited(sandboxId, message.Exit.Process);
                break;
        }
    }

    // Tells the supervisor that the exit is known, so that its record can go; a failure only means that it goes with the pod.
    public void Forget(string id) =>
        _ = supervisor.ForgetAsync(id, CancellationToken.None).ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
}
