using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Files;

namespace PodAgent.Sandbox.Process;

/// <summary>
/// Copies a container's output to an attached client. What the client does not take at once is kept, up to a limit; a client that is
/// slower than that is dropped, never waited for.
/// </summary>
internal sealed class AttachWriter : IEventHandler
{
    private const int MaxBacklog = 1 << 20;

    private readonly EventLoop _loop;
    private readonly Fd _target;
    private readonly ulong _token;
    private readonly Queue<byte[]> _backlog = [];
    private int _offset;
    private int _size;
    private bool _completing;

    /// <exception cref="LinuxException">The descriptor cannot be watched: not a pipe, socket or terminal.</exception>
    public AttachWriter(EventLoop loop, Fd target)
    {
        _loop = loop;
        _target = target;
        FileData.SetNonBlocking(target);

        // No kind: an error or hang-up tells that the client has gone.
        _token = loop.Add(target, EventKinds.None, this);
    }

    public bool IsClosed { get; private set; }

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

                return;
            }

            _offset += count;
            _size -= count;
            if (_offset == chunk.Length)
            {
                _offset = 0;
                _backlog.Dequeue();
            }
        }

        if (!IsClosed)
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
    }

    public void Write(ReadOnlySpan<byte> data)
    {
        if (IsClosed)
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

        if (_size + data.Length > MaxBacklog)
        {
            Close();
            return;
        }

        _backlog.Enqueue(data.ToArray());
        _size += data.Length;
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
            _loop.Remove(_target, _token);
            _target.Dispose();
        }
    }
}
