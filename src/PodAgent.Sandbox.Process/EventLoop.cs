using PodAgent.Linux;
using PodAgent.Linux.Events;

namespace PodAgent.Sandbox.Process;

/// <summary>The one loop of the one thread: descriptors that became ready, and deadlines.</summary>
internal sealed class EventLoop(Action<Exception> fault) : IDisposable
{
    // A descriptor whose handling fails again and again is given up: it would be ready for ever.
    private const int MaxFaults = 100;

    private readonly EventPoll _poll = new();
    private readonly Dictionary<ulong, Registration> _handlers = [];
    private readonly PriorityQueue<Action, long> _deadlines = new();

    // Never used twice, unlike descriptor numbers: an event of this batch for something closed in this batch finds nobody.
    private ulong _lastToken;
    private bool _stopped;

    public ulong Add(Fd file, EventKinds kinds, IEventHandler handler)
    {
        ulong token = ++_lastToken;
        _poll.Add(file, kinds, token);
        _handlers.Add(token, new Registration(file, handler));
        return token;
    }

    public void Modify(Fd file, EventKinds kinds, ulong token) => _poll.Modify(file, kinds, token);

    /// <summary>Must come before the descriptor is closed.</summary>
    public void Remove(Fd file, ulong token)
    {
        if (_handlers.Remove(token))
        {
            _poll.Remove(file);
        }
    }

    /// <summary>Calls back once. The callback decides whether it still matters.</summary>
    public void After(TimeSpan delay, Action callback) => _deadlines.Enqueue(callback, Environment.TickCount64 + (long)delay.TotalMilliseconds);

    public void Stop() => _stopped = true;

    public void Run()
    {
        while (!_stopped)
        {
            int count = _poll.Wait(UntilNextDeadline());
            for (int i = 0; i < count && !_stopped; i++)
            {
                (ulong token, EventKinds kinds) = _poll.At(i);
                if (_handlers.TryGetValue(token, out Registration? registration))
                {
                    Call(token, registration, kinds);
                }
            }

            while (_deadlines.TryPeek(out Action? callback, out long due) && due <= Environment.TickCount64)
            {
                _deadlines.Dequeue();
                Guard(callback);
            }
        }
    }

    public void Dispose() => _poll.Dispose();

    private void Call(ulong token, Registration registration, EventKinds kinds)
    {
        if (!Guard(() => registration.Handler.OnReady(kinds)) && ++registration.Faults == MaxFaults)
        {
            Remove(registration.File, token);
        }
    }

    // One fault must not end a pod: it is noted, and the loop goes on.
    private bool Guard(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception exception)
        {
            fault(exception);
            return false;
        }
    }

    private int UntilNextDeadline() =>
        _deadlines.TryPeek(out _, out long due) ? (int)Math.Clamp(due - Environment.TickCount64, 0, int.MaxValue) : -1;

    private sealed class Registration(Fd file, IEventHandler handler)
    {
        public Fd File { get; } = file;

        public IEventHandler Handler { get; } = handler;

        public int Faults { get; set; }
    }
}
