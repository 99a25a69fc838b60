using PodAgent.Linux.Native;

namespace PodAgent.Linux.Events;

/// <summary>An epoll(7) instance, level-triggered.</summary>
public sealed unsafe class EventPoll : IDisposable
{
    private const int BatchSize = 32;
    private readonly Fd _poll = new(Libc.Check(Libc.epoll_create1(EventConstants.EPOLL_CLOEXEC), "epoll_create1(2)"));
    private readonly epoll_event[] _batch = new epoll_event[BatchSize];
    private int _count;

    /// <summary>Starts watching.</summary>
    /// <param name="file">What to watch.</param>
    /// <param name="kinds">What for.</param>
    /// <param name="token">Comes back with each event. Should not be a descriptor number, which can be used again within one batch.</param>
    /// <exception cref="LinuxException">EPERM: a file that is always ready.</exception>
    public void Add(Fd file, EventKinds kinds, ulong token) => Control(EventConstants.EPOLL_CTL_ADD, file, kinds, token);

    /// <summary>Changes what is watched for.</summary>
    /// <exception cref="LinuxException">It is not watched.</exception>
    public void Modify(Fd file, EventKinds kinds, ulong token) => Control(EventConstants.EPOLL_CTL_MOD, file, kinds, token);

    /// <summary>Stops watching. Necessary before closing when another process has the same open file.</summary>
    /// <exception cref="LinuxException">It is not watched.</exception>
    public void Remove(Fd file) => Control(EventConstants.EPOLL_CTL_DEL, file, EventKinds.None, 0);

    /// <summary>epoll_wait(2).</summary>
    /// <param name="milliseconds">The longest wait; -1: for ever.</param>
    /// <returns>The number of events, to be read with <see cref="At"/> before the next call. 0: the time is over, or a signal came.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int Wait(int milliseconds)
    {
        fixed (epoll_event* events = _batch)
        {
            _count = Libc.epoll_wait(_poll.Number, events, BatchSize, milliseconds);
        }

        if (_count < 0)
        {
            Errno errno = Libc.LastErrno;
            _count = 0;
            if (errno != Errno.EINTR)
            {
                Libc.Throw("epoll_wait(2)", null, errno);
            }
        }

        return _count;
    }

    /// <summary>An event of the last batch.</summary>
    public (ulong Token, EventKinds Kinds) At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _count);
        return (_batch[index].data, (EventKinds)_batch[index].events);
    }

    /// <inheritdoc/>
    public void Dispose() => _poll.Dispose();

    private void Control(int operation, Fd file, EventKinds kinds, ulong token)
    {
        var description = new epoll_event { events = (uint)kinds, data = token };
        Libc.Check(Libc.epoll_ctl(_poll.Number, operation, file.Number, &description), "epoll_ctl(2)", file.ToString());
    }
}
