using Microsoft.Extensions.Logging;
using PodAgent.Pods.Events;
using PodAgent.Pods.Images;
using PodAgent.Pods.Status;

namespace PodAgent.Pods.Workers;

/// <summary>
/// One pod's worker: a single loop that is woken by desire (a change, a deletion), by the runtime (an event) and by time (back-off, deadline,
/// retry). Wake-ups coalesce; only the latest desired pod counts. A request to end the pod cancels the round that is running.
/// </summary>
internal sealed class PodWorker
{
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly WakeSignal _wake;
    private readonly PodServices _services;
    private readonly Action<PodWorker> _finished;
    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenSource _round = new();
    private PodWorkerState _state;
    private Task _loop = Task.CompletedTask;
    private TimeSpan _retry = s_firstRetry;

    public PodWorker(PodServices services, Core.Pod pod, PodSource source, Action<PodWorker> finished)
    {
        _services = services;
        _finished = finished;
        _wake = new WakeSignal(services.Time);
        _state = new PodWorkerState { Pod = pod };
        Source = source;
        Memory = new PodMemory();
        Statuses = new StatusPublication(services.Time, status => services.StatusChanged(this, status));
    }

    public string Uid => State.Pod.Metadata.Uid;

    public PodKey Key => PodKey.Of(State.Pod);

    public PodSource Source { get; }

    /// <summary>What this worker alone knows between two rounds.</summary>
    public PodMemory Memory { get; }

    /// <summary>Where the pod's statuses go.</summary>
    public StatusPublication Statuses { get; }

    public PodWorkerState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    public Task Completion => _loop;

    /// <summary>
    /// Ends with the agent, not with a round. Calls that make something on the runtime run under it: one that is given up half-way could
    /// still succeed behind the back of the deletion that gave it up.
    /// </summary>
    public CancellationToken Lifetime => _stop.Token;

    public void Start()
    {
        _loop = Task.Run(RunAsync);
        _wake.Set();
    }

    /// <summary>Something may have changed: look again.</summary>
    public void Notify() => _wake.Set();

    public void Update(Core.Pod pod)
    {
        lock (_lock)
        {
            _state = _state.Update(pod);
        }

        _wake.Set();
    }

    /// <summary>Ends the pod, or shortens the grace of one that is ending. The running round is cancelled.</summary>
    public void Terminate(TimeSpan grace, bool remove, TerminalCause? cause = null)
    {
        lock (_lock)
        {
            PodWorkerState before = _state;
            _state = _state.RequestTermination(_services.Time.GetUtcNow(), grace, remove, cause);
            if (before.Work != PodPhaseWork.Terminated && (before.Work == PodPhaseWork.Sync || before.KillAt != _state.KillAt))
            {
                // Not Cancel(): callers hold locks that a continuation must not run under.
                _ = _round.CancelAsync();
            }
        }

        _wake.Set();
    }

    /// <summary>Ends the loop and leaves the pod as it is: the agent goes, its pods stay.</summary>
    public async Task AbandonAsync()
    {
        await _stop.CancelAsync();
        CancellationTokenSource round;
        lock (_lock)
        {
            round = _round;
        }

        await round.CancelAsync();
        _wake.Set();
        await _loop;
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await _wake.WaitAsync(_stop.Token);
                (PodWorkerState state, CancellationToken ct) = BeginRound();
                try
                {
                    if (await RunRoundAsync(state, ct))
                    {
                        break;
                    }

                    _retry = s_firstRetry;
                }
                catch (Exception e) when (ct.IsCancellationRequested && e is OperationCanceledException or Grpc.Core.RpcException { StatusCode: Grpc.Core.StatusCode.Cancelled })
                {
                    // Whoever cancelled has also set the signal, or the agent is going.
                    _wake.Set();
                }
                catch (Exception e)
                {
                    Statuses.PublishHeld();
                    // A pod's fault must not end its worker: it is logged here, once, and tried again.
                    PodLog.RoundFailed(_services.Logger, PodText.Format(state.Pod), e.Message, e);
                    _services.Events.Record(state.Pod, EventRecorder.Warning, "FailedSync", $"error syncing pod: {e.Message}");
                    _wake.SetAt(_services.Time.GetUtcNow() + _retry);
                    _retry = _retry * 2 > s_lastRetry ? s_lastRetry : _retry * 2;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // AbandonAsync.
        }

        _wake.Dispose();
        Statuses.Dispose();
        if (!_stop.IsCancellationRequested)
        {
            _finished(this);
        }
    }

    private (PodWorkerState State, CancellationToken Ct) BeginRound()
    {
        lock (_lock)
        {
            if (_round.IsCancellationRequested && !_stop.IsCancellationRequested)
            {
                _round = new CancellationTokenSource();
            }

            return (_state, _round.Token);
        }
    }

    /// <returns>True when the worker is done for good.</returns>
    private async Task<bool> RunRoundAsync(PodWorkerState state, CancellationToken ct)
    {
        switch (state.Work)
        {
            case PodPhaseWork.Sync:
                SyncResult result = await _services.Syncer.SyncAsync(this, state.Pod, ct);
                if (result.Ended || result.Cause is not null)
                {
                    Terminate(state.Pod.Spec.GracePeriod(), remove: false, result.Cause);
                }
                else if (result.WakeAt is { } at)
                {
                    _wake.SetAt(at);
                }

                return false;

            case PodPhaseWork.Terminating:
                await _services.Terminator.TerminateAsync(this, state, ct);
                lock (_lock)
                {
                    _state = _state.MarkTerminated(_services.Time.GetUtcNow());
                }

                _services.PodTerminated(this);
                _wake.Set();
                return false;

            case PodPhaseWork.Terminated:
                if (!state.Remove)
                {
                    return false;
                }

                await _services.Terminator.RemoveAsync(this, state, ct);
                return true;

            default:
                throw new InvalidOperationException($"unknown work {state.Work}");
        }
    }
}
