namespace PodAgent.Pods.Workers;

/// <summary>
/// Hands a pod's statuses on, in order. One that another will follow within moments is held back for them: each costs a message to every
/// watcher, on the way of a pod that is just starting. What holds the pod up for longer than that is seen in between.
/// </summary>
internal sealed class StatusPublication : IDisposable
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(30);

    private readonly Lock _lock = new();
    private readonly Action<Core.PodStatus> _publish;
    private readonly ITimer _timer;
    private Core.PodStatus? _held;

    /// <param name="time">For moments.</param>
    /// <param name="publish">Called for one status at a time.</param>
    public StatusPublication(TimeProvider time, Action<Core.PodStatus> publish)
    {
        _publish = publish;
        _timer = time.CreateTimer(_ => PublishHeld(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Publishes now, instead of what is held.</summary>
    public void Now(Core.PodStatus status)
    {
        lock (_lock)
        {
            _held = null;
            _publish(status);
        }
    }

    /// <summary>Publishes in a moment, unless another comes first.</summary>
    public void Soon(Core.PodStatus status)
    {
        lock (_lock)
        {
            if (_held is null)
            {
                _timer.Change(s_moment, Timeout.InfiniteTimeSpan);
            }

            _held = status;
        }
    }

    /// <summary>Publishes what is held, if anything is.</summary>
    public void PublishHeld()
    {
        lock (_lock)
        {
            if (_held is { } status)
            {
                _held = null;
                _publish(status);
            }
        }
    }

    public void Dispose() => _timer.Dispose();
}
