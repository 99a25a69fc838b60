using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Files;

namespace PodAgent.Sandbox.Process;

/// <summary>
/// Counts the processes of a container that the kernel killed for want of memory, and tells when the count grows. v2 wakes the readers of
/// memory.events after the kill; v1 wakes an eventfd before it, so there a second look is needed shortly after. When the cgroup is gone, the last
/// count stands.
/// </summary>
internal sealed class OomWatch : IEventHandler, IDisposable
{
    private static readonly TimeSpan s_secondLook = TimeSpan.FromMilliseconds(50);

    private readonly EventLoop _loop;
    private readonly Action _killed;
    private readonly PodOomKills? _pod;
    private readonly Fd _counts;
    private readonly Fd? _wakeUp;
    private readonly ulong _token;
    private ulong _reported;
    private bool _disposed;

    private OomWatch(EventLoop loop, Fd counts, Fd? wakeUp, PodOomKills? pod, Action killed)
    {
        _pod = pod;
        _loop = loop;
        _counts = counts;
        _wakeUp = wakeUp;
        _killed = killed;
        _reported = Count();
        try
        {
            _token = wakeUp is null ? loop.Add(counts, EventKinds.Priority, this) : loop.Add(wakeUp, EventKinds.Readable, this);
        }
        catch
        {
            counts.Dispose();
            wakeUp?.Dispose();
            throw;
        }
    }

    /// <summary>Watches the memory cgroup among the given ones; null when there is none.</summary>
    /// <exception cref="LinuxException">The cgroup cannot be read.</exception>
    public static OomWatch? Open(EventLoop loop, IEnumerable<string> cgroups, PodOomKills? pod, Action killed)
    {
        // On v1 it is most likely where the name says so.
        foreach (string cgroup in cgroups.OrderByDescending(static path => path.Contains("/memory/", StringComparison.Ordinal)))
        {
            if (FileTree.TryOpen($"{cgroup}/memory.events", OpenFlags.ReadOnly) is { } events)
            {
                return new OomWatch(loop, events, null, pod, killed);
            }

            if (FileTree.TryOpen($"{cgroup}/memory.oom_control", OpenFlags.ReadOnly) is { } control)
            {
                return new OomWatch(loop, control, WakeUp(cgroup, control), pod, killed);
            }
        }

        return null;
    }

    /// <summary>Kills so far.</summary>
    public ulong Count() => TryCount(out ulong count) ? count : _reported;

    public void OnReady(EventKinds kinds)
    {
        if (_wakeUp is not null)
        {
            _ = EventCounter.Take(_wakeUp);
            _loop.After(s_secondLook, Look);
        }

        Look();
        if (!TryCount(out _))
        {
            // The cgroup has been removed: the descriptor would be ready for ever.
            Dispose();
        }
    }

    /// <summary>Compares the count with what was last told.</summary>
    public void Look()
    {
        ulong count = Count();
        if (count > _reported)
        {
            _pod?.Told(count - _reported);
            _reported = count;
            _killed();
        }
    }

    /// <summary>The last look, when the container has ended. If its cgroup was faster, what the pod counted and no other container tells is its.</summary>
    public void Settle(IEnumerable<OomWatch> others)
    {
        Look();
        if (_pod is null || TryCount(out _))
        {
            return;
        }

        foreach (OomWatch other in others)
        {
            other.Look();
        }

        if (_pod.TakeUntold() is var untold and > 0)
        {
            _reported += untold;
            _killed();
        }
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _loop.Remove(_wakeUp ?? _counts, _token);
            _counts.Dispose();
            _wakeUp?.Dispose();
        }
    }

    // Of v1. Without cgroup.event_control kills are still counted at the exit.
    private static Fd WakeUp(string cgroup, Fd control)
    {
        Fd? wakeUp = null;
        try
        {
            wakeUp = EventCounter.Open();
            using Fd? register = FileTree.TryOpen($"{cgroup}/cgroup.event_control", OpenFlags.WriteOnly);
            if (register is not null)
            {
                FileData.WriteText(register, $"{wakeUp.Number} {control.Number}", "cgroup.event_control");
            }

            return wakeUp;
        }
        catch
        {
            wakeUp?.Dispose();
            control.Dispose();
            throw;
        }
    }

    private bool TryCount(out ulong count)
    {
        count = 0;
        return !_disposed && OomCounts.TryRead(_counts, out count);
    }
}
