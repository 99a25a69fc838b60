using Google.Protobuf;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Sockets;

namespace PodAgent.Sandbox.Process;

/// <summary>
/// One connection of an agent: takes frames apart, sends replies and events. Whatever goes wrong here ends this connection and nothing
/// else.
/// </summary>
internal sealed class AgentConnection : IEventHandler
{
    private const int ReadSize = 4096;
    private const int MaxUnsent = 16 << 20;

    private readonly EventLoop _loop;
    private readonly PodSupervisor _supervisor;
    private readonly Fd _socket;
    private readonly ulong _token;

    // Descriptors arrive with a position in the stream: they belong to the frame that this position is in.
    private readonly Queue<(long Position, List<Fd> Descriptors)> _descriptors = [];
    private readonly Queue<byte[]> _unsent = [];
    private int _unsentOffset;
    private int _unsentBytes;
    private byte[] _buffer = new byte[ReadSize];
    private int _length;
    private long _position;
    private bool _waiting;

    public AgentConnection(EventLoop loop, PodSupervisor supervisor, Fd socket)
    {
        _loop = loop;
        _supervisor = supervisor;
        _socket = socket;
        _token = loop.Add(socket, EventKinds.Readable, this);
    }

    public bool Subscribed { get; set; }

    public bool IsClosed { get; private set; }

    public void OnReady(EventKinds kinds)
    {
        if ((kinds & EventKinds.Writable) != 0)
        {
            Flush();
        }

        if (!IsClosed && (kinds & (EventKinds.Readable | EventKinds.HangUp | EventKinds.Error)) != 0)
        {
            Receive();
        }
    }

    public void Send(Message message)
    {
        if (IsClosed)
        {
            return;
        }

        byte[] frame = Frames.Encode(message);
        _unsent.Enqueue(frame);
        _unsentBytes += frame.Length;
        Flush();
        if (_unsentBytes > MaxUnsent)
        {
            // It subscribed and stopped reading.
            Close();
        }
    }

    public void Close()
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        _loop.Remove(_socket, _token);
        _socket.Dispose();
        foreach ((_, List<Fd> descriptors) in _descriptors)
        {
            descriptors.ForEach(static fd => fd.Dispose());
        }

        _descriptors.Clear();
        _supervisor.OnClosed(this);
    }

    private void Receive()
    {
        if (_buffer.Length - _length < ReadSize)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var received = new List<Fd>();
        try
        {
            int count = UnixSockets.TryReceive(_socket, _buffer.AsSpan(_length), received, out Errno errno);
            if (count <= 0)
            {
                if (count == 0 || errno != Errno.EAGAIN)
                {
                    Close();
                }

                return;
            }

            _length += count;
            _position += count;
            if (received.Count > 0)
            {
                _descriptors.Enqueue((_position, received));
            }

            TakeFrames();
        }
        catch (Exception exception) when (exception is LinuxException or InvalidDataException or InvalidProtocolBufferException)
        {
            Close();
        }
    }

    private void TakeFrames()
    {
        int offset = 0;
        while (!IsClosed && Frames.TryFind(_buffer.AsSpan(offset, _length - offset), out int size))
        {
            Request request = Request.Parser.ParseFrom(_buffer.AsSpan(offset + Frames.HeaderSize, size));
            offset += Frames.HeaderSize + size;
            IReadOnlyList<Fd> descriptors = TakeDescriptors(_position - _length + offset);
            try
            {
                _supervisor.Handle(request, descriptors, this);
            }
            finally
            {
                // Whoever needs one longer has duplicated it.
                foreach (Fd fd in descriptors)
                {
                    fd.Dispose();
                }
            }
        }

        _length -= offset;
        if (_length == 0 && _buffer.Length > ReadSize)
        {
            _buffer = new byte[ReadSize];
        }
        else if (offset > 0)
        {
            _buffer.AsSpan(offset, _length).CopyTo(_buffer);
        }
    }

    private IReadOnlyList<Fd> TakeDescriptors(long end)
    {
        if (_descriptors.Count == 0 || _descriptors.Peek().Position > end)
        {
            return [];
        }

        List<Fd> taken = _descriptors.Dequeue().Descriptors;
        while (_descriptors.TryPeek(out (long Position, List<Fd> Descriptors) next) && next.Position <= end)
        {
            taken.AddRange(_descriptors.Dequeue().Descriptors);
        }

        return taken;
    }

    private void Flush()
    {
        while (_unsent.TryPeek(out byte[]? frame))
        {
            int count = UnixSockets.TrySend(_socket, frame.AsSpan(_unsentOffset), [], out Errno errno);
            if (count < 0)
            {
                if (errno == Errno.EAGAIN)
                {
                    _loop.Modify(_socket, EventKinds.Readable | EventKinds.Writable, _token);
                    _waiting = true;
                }
                else
                {
                    Close();
                }

                return;
            }

            _unsentOffset += count;
            _unsentBytes -= count;
            if (_unsentOffset == frame.Length)
            {
                _unsentOffset = 0;
                _unsent.Dequeue();
            }
        }

        if (_waiting)
        {
            _loop.Modify(_socket, EventKinds.Readable, _token);
            _waiting = false;
        }
    }
}
