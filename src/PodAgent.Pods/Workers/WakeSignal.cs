namespace PodAgent.Pods.Workers;

/// <summary>A signal for one waiter: any number of sets between two waits count once. Can be set for a time to come.</summary>
internal sealed class WakeSignal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private DateTimeOffset? _dueAt;
    private bool _disposed;

    public WakeSignal(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Set()
    {
        lock (_lock)
        {
            if (!_disposed && _signal.CurrentCount == 0)
            {
                _signal.Release();
            }
        }
    }

    /// <summary>The earliest of all times asked for since the last wait counts.</summary>
    public void SetAt(DateTimeOffset at)
    {
        lock (_lock)
        {
            if (_disposed || (_dueAt is { } due && due <= at))
            {
                return;
            }

            _dueAt = at;
            TimeSpan wait = at - _time.GetUtcNow();
            // A timer may fire a moment early by the wall clock: the worker then simply asks again.
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    public async Task WaitAsync(CancellationToken ct)
    {
        await _signal.WaitAsync(ct);
        lock (_lock)
        {
            _dueAt = null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer.Dispose();
        }
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            _dueAt = null;
        }

        Set();
    }
}
