using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Files;

namespace PodAgent.Sandbox.Process;

/// <summary>
/// Copies a container's output to an attached client. What the client does not take at once is kept; when much is kept the container is
/// to wait, as it would for a slow terminal. A client that takes nothing at all for a while is dropped: it must not stop the container
/// for ever.
/// </summary>
/// <remarks>
/// <code>
///            more than MaxBacklog is kept             half of it is taken
///   flowing ----------------------------> full ----------------------------> flowing
///                                          | nothing taken for StallLimit
///                                          +----------------------------> closed
/// </code>
/// </remarks>
internal sealed class AttachWriter : IEventHandler
{
    private const int MaxBacklog = 1 << 20;

    private static readonly TimeSpan s_stallLimit = TimeSpan.FromSeconds(5);

    private readonly EventLoop _loop;
    private readonly Fd _target;
    private readonly Action _released;
    private readonly ulong _token;
    private readonly Queue<byte[]> _backlog = [];
    private int _offset;
    private int _size;
    private long _taken;
    private bool _completing;

    /// <param name="loop">The loop.</param>
    /// <param name="target">The client's end; owned from here on.</param>
    /// <param name="released">Told when a full writer is full no longer.</param>
    /// <exception cref="LinuxException">The descriptor cannot be watched: not a pipe, socket or terminal.</exception>
    public AttachWriter(EventLoop loop, Fd target, Action released)
    {
        _loop = loop;
        _target = target;
        _released = released;
        FileData.SetNonBlocking(target);

        // No kind: an error or hang-up tells that the client has gone.
        _token = loop.Add(target, EventKinds.None, this);
    }

    public bool IsClosed { get; private set; }

    /// <summary>The container is to wait.</summary>
    public bool IsFull { get; private set; }

    public void OnReady(EventKinds kinds)
    {
        if ((kinds & EventKinds.Error) != 0 || ((kinds & EventKinds.HangUp) != 0 && (kinds & EventKinds.Writable) == 0))
        {
            Close();
            return;
        }

        while (!IsClosed && _backlog.TryPeek(out byte[]? chunk))
        {
            int count = FileData.TryWrite(_target, chunk.AsSpan(_offset), out Errno errno);
            if (count < 0)
            {
                if (errno != Errno.EAGAIN)
                {
                    Close();
                }

                break;
            }

            _taken += count;
            _offset += count;
            _size -= count;
            if (_offset == chunk.Length)
            {
                _offset = 0;
                _backlog.Dequeue();
            }
        }

        if (!IsClosed && _backlog.Count == 0)
        {
            if (_completing)
            {
                Close();
            }
            else
            {
                _loop.Modify(_target, EventKinds.None, _token);
            }
        }

        if (_size <= MaxBacklog / 2)
        {
            Release();
        }
    }

    /// <summary>Sends, or keeps; the caller looks at <see cref="IsFull"/> before it has more.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        if (IsClosed || data.IsEmpty)
        {
            return;
        }

        if (_backlog.Count == 0)
        {
            int count = FileData.TryWrite(_target, data, out Errno errno);
            if (count < 0 && errno != Errno.EAGAIN)
            {
                Close();
                return;
            }

            data = data[Math.Max(count, 0)..];
            if (data.IsEmpty)
            {
                return;
            }

            _loop.Modify(_target, EventKinds.Writable, _token);
        }

        _backlog.Enqueue(data.ToArray());
        _size += data.Length;
        if (_size > MaxBacklog && !IsFull)
        {
            IsFull = true;
            WatchForStall();
        }
    }

    /// <summary>There will be no more output: closes as soon as the client has taken what is left.</summary>
    public void Complete()
    {
        _completing = true;
        if (_backlog.Count == 0)
        {
            Close();
        }
    }

    public void Close()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            _backlog.Clear();
            _size = 0;
            _loop.Remove(_target, _token);
            _target.Dispose();
            Release();
        }
    }

    private void Release()
    {
        if (IsFull)
        {
            IsFull = false;
            _released();
        }
    }

    private void WatchForStall()
    {
        long before = _taken;
        _loop.After(s_stallLimit, () =>
        {
            if (!IsFull)
            {
                return;
            }

            if (_taken == before)
            {
                Close();
            }
            else
            {
                WatchForStall();
            }
        });
    }
}
