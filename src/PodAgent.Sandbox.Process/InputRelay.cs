using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Files;

namespace PodAgent.Sandbox.Process;

/// <summary>
/// Copies an attached client's input to a container. It reads only while the container takes what was read, so the client feels the
/// container's pace.
/// </summary>
/// <remarks>
/// <code>
///              read                      all written
///  waiting for client ----> waiting for container ----> waiting for client
///        | end of input            | container closed its input
///        +----------> ended &lt;------+
/// </code>
/// </remarks>
internal sealed class InputRelay
{
    private readonly EventLoop _loop;
    private readonly Fd _source;
    private readonly Fd _target;
    private readonly Action<InputRelay> _sourceEnded;
    private readonly byte[] _chunk = GC.AllocateUninitializedArray<byte>(64 * 1024);
    private readonly Side _sourceSide;
    private readonly ulong _targetToken;
    private ulong _sourceToken;
    private bool _blocked;
    private int _offset;
    private int _length;
    private bool _closed;

    /// <param name="loop">The loop.</param>
    /// <param name="source">The client's end; owned from here on.</param>
    /// <param name="target">The container's input, a duplicate of this relay's own.</param>
    /// <param name="sourceEnded">Told when the client's input has ended.</param>
    /// <exception cref="LinuxException">A descriptor cannot be watched.</exception>
    public InputRelay(EventLoop loop, Fd source, Fd target, Action<InputRelay> sourceEnded)
    {
        _loop = loop;
        _source = source;
        _target = target;
        _sourceEnded = sourceEnded;
        FileData.SetNonBlocking(source);
        _sourceSide = new Side(Read);
        _sourceToken = loop.Add(source, EventKinds.Readable, _sourceSide);
        _targetToken = loop.Add(target, EventKinds.None, new Side(OnTarget));
    }

    public void Close()
    {
        if (!_closed)
        {
            _closed = true;
            if (!_blocked)
            {
                _loop.Remove(_source, _sourceToken);
            }

            _loop.Remove(_target, _targetToken);
            _source.Dispose();
            _target.Dispose();
        }
    }

    private void Read(EventKinds kinds)
    {
        int count = FileData.TryRead(_source, _chunk, out Errno errno);
        if (count > 0)
        {
            _length = count;
            Write();
        }
        else if (count == 0 || errno != Errno.EAGAIN)
        {
            Close();
            _sourceEnded(this);
        }
    }

    private void OnTarget(EventKinds kinds)
    {
        if ((kinds & EventKinds.Error) != 0)
        {
            Close();
        }
        else if (_length > 0)
        {
            Write();
        }
    }

    private void Write()
    {
        while (_length > 0)
        {
            int count = FileData.TryWrite(_target, _chunk.AsSpan(_offset, _length), out Errno errno);
            if (count < 0)
            {
                if (errno != Errno.EAGAIN)
                {
                    Close();
                    return;
                }

                if (!_blocked)
                {
                    // A hang-up of the source cannot be masked: do not watch it at all meanwhile.
                    _blocked = true;
                    _loop.Remove(_source, _sourceToken);
                    _loop.Modify(_target, EventKinds.Writable, _targetToken);
                }

                return;
            }

            _offset += count;
            _length -= count;
        }

        _offset = 0;
        if (_blocked)
        {
            _blocked = false;
            _loop.Modify(_target, EventKinds.None, _targetToken);
            _sourceToken = _loop.Add(_source, EventKinds.Readable, _sourceSide);
        }
    }

    private sealed class Side(Action<EventKinds> ready) : IEventHandler
    {
        public void OnReady(EventKinds kinds) => ready(kinds);
    }
}
