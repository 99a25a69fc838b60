using Grpc.Core;
using PodAgent.Pods.Events;

namespace PodAgent.Pods.Probes;

/// <summary>
/// Runs one probe of one attempt of a container until its attempt ends. Liveness and startup stop for good with their first failure: the
/// attempt is about to be replaced. Startup stops with its first success. The others wait for startup.
/// </summary>
internal sealed class ProbeWorker
{
    // A try that goes wrong by itself is repeated at once before it is given up.
    private const int Tries = 3;

    private readonly ProbeTarget _target;
    private readonly ProbeKind _kind;
    private readonly Core.Probe _probe;
    private readonly ProbeRunner _runner;
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;
    private readonly Action _changed;
    private readonly ProbeCounter _counter;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProbeWorker(
        ProbeTarget target, ProbeKind kind, Core.Probe probe, bool passed, ProbeRunner runner, EventRecorder events, TimeProvider time, Action changed)
    {
        _target = target;
        _kind = kind;
        _probe = probe;
        _runner = runner;
        _events = events;
        _time = time;
        _changed = changed;
        _counter = new ProbeCounter(kind, probe, passed);
    }

    public ProbeResult Verdict => _counter.Verdict;

    /// <param name="started">Completes when the startup probe has passed.</param>
    public void Start(Task started) => _ = RunAsync(started);

    public void Stop() => _stop.Cancel();

    /// <summary>Completes when the verdict is success for the first time.</summary>
    public Task Passed => _passed.Task;

    private async Task RunAsync(Task started)
    {
        CancellationToken ct = _stop.Token;
        try
        {
            if (_kind == ProbeKind.Startup && _counter.Verdict == ProbeResult.Success)
            {
                _passed.TrySetResult();
                return;
            }

            await started.WaitAsync(ct);
            TimeSpan delay = _target.StartedAt + TimeSpan.FromSeconds(_probe.InitialDelaySeconds) - _time.GetUtcNow();
            if (delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, _time, ct);
            }

            TimeSpan period = TimeSpan.FromSeconds(_probe.HasPeriodSeconds && _probe.PeriodSeconds > 0 ? _probe.PeriodSeconds : 10);
            while (!await TryOnceAsync(ct))
            {
                await Task.Delay(period, _time, ct);
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or RpcException)
        {
            // The attempt has ended, or the pod does.
        }
    }

    /// <returns>Whether the probe has nothing more to say.</returns>
    private async Task<bool> TryOnceAsync(CancellationToken ct)
    {
        ProbeAnswer answer = default;
        for (int i = 0; i < Tries; i++)
        {
            answer = await AskAsync(ct);
            if (answer.Result != ProbeResult.Unknown)
            {
                break;
            }
        }

        if (answer.Result == ProbeResult.Failure)
        {
            Record($"{_kind} probe failed: {answer.Message}");
        }
        else if (answer.Result == ProbeResult.Unknown)
        {
            Record($"{_kind} probe errored and resulted in unknown state: {answer.Message}");
        }

        if (!_counter.Add(answer.Result))
        {
            return false;
        }

        if (_counter.Verdict == ProbeResult.Success)
        {
            _passed.TrySetResult();
        }

        _changed();
        return _kind switch
        {
            ProbeKind.Readiness => false,
            ProbeKind.Startup => true,
            _ => _counter.Verdict == ProbeResult.Failure,
        };
    }

    // Nobody waits for this worker: a fault in one try must not be the end of the probe.
    private async Task<ProbeAnswer> AskAsync(CancellationToken ct)
    {
        try
        {
            return await _runner.RunAsync(_probe, _target.Container, _target.ContainerId, _target.PodIp, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return new ProbeAnswer(ProbeResult.Unknown, e.Message);
        }
    }

    private void Record(string message) =>
        _events.Record(_target.Pod, EventRecorder.Warning, "Unhealthy", message, _target.Container.Name, _target.Init);
}

/// <summary>Whom a probe asks.</summary>
internal sealed record ProbeTarget(
    Core.Pod Pod, Core.Container Container, bool Init, string ContainerId, DateTimeOffset StartedAt, string PodIp);
