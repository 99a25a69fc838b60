using System.Runtime.InteropServices;
using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Netlink;

/// <summary>
/// Netlink requests that go to the kernel in one send (netlink(7)). The kernel carries them out in order and answers each on its own; a
/// refused request does not stop those behind it. Typed requests are added by <see cref="RouteRequests"/>.
/// </summary>
public sealed class NetlinkBatch
{
    // Sequence numbers are unique in the process, so that an answer can never be taken for that of another batch on the same socket.
    private static uint s_sequence;

    private readonly List<NetlinkRequest> _requests = [];
    private byte[] _buffer = new byte[512];
    private int _length;
    private int _message = -1;

    /// <summary>The requests so far.</summary>
    public IReadOnlyList<NetlinkRequest> Requests => _requests;

    /// <summary>The encoded requests, as they are sent.</summary>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            Seal();
            return _buffer.AsSpan(0, _length);
        }
    }

    // Starts a request; attributes that follow belong to it.
    internal void Begin<TBody>(ushort type, int flags, in TBody body, string operation, string subject)
        where TBody : unmanaged
    {
        Seal();
        uint sequence = Interlocked.Increment(ref s_sequence);
        _requests.Add(new NetlinkRequest(sequence, operation, subject));
        _message = _length;
        Append(new NlMsgHdr
        {
            nlmsg_type = type,
            nlmsg_flags = (ushort)(flags | NetlinkConstants.NLM_F_REQUEST),
            nlmsg_seq = sequence,
        });
        Append(body);
    }

    internal void Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        Append(new NlAttr { nla_len = checked((ushort)(Size<NlAttr>() + value.Length)), nla_type = type });
        value.CopyTo(Reserve(value.Length));
    }

    internal void Attribute(ushort type, uint value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    // The kernel takes names as C strings.
    internal void Attribute(ushort type, string value) => Attribute(type, Encoding.UTF8.GetBytes(value + '\0'));

    // Opens an attribute that holds attributes; the result goes to EndNest.
    internal int BeginNest(ushort type)
    {
        int start = _length;
        Append(new NlAttr { nla_type = type });
        return start;
    }

    // Opens a nest that begins with a structure, as VETH_INFO_PEER does.
    internal int BeginNest<TBody>(ushort type, in TBody body)
        where TBody : unmanaged
    {
        int start = BeginNest(type);
        Append(body);
        return start;
    }

    internal void EndNest(int start)
    {
        ref NlAttr attribute = ref MemoryMarshal.AsRef<NlAttr>(_buffer.AsSpan(start));
        attribute.nla_len = checked((ushort)(_length - start));
    }

    internal static int Align(int length) => (length + 3) & ~3;

    internal static unsafe int Size<T>()
        where T : unmanaged => sizeof(T);

    private void Seal()
    {
        if (_message >= 0)
        {
            ref NlMsgHdr header = ref MemoryMarshal.AsRef<NlMsgHdr>(_buffer.AsSpan(_message));
            header.nlmsg_len = (uint)(_length - _message);
        }
    }

    private void Append<T>(in T value)
        where T : unmanaged => MemoryMarshal.Write(Reserve(Size<T>()), in value);

    // Every item starts on a four-byte boundary; the padding behind it is zero because the buffer is never reused.
    private Span<byte> Reserve(int length)
    {
        int start = _length;
        _length += Align(length);
        if (_length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_length, _buffer.Length * 2));
        }

        return _buffer.AsSpan(start, length);
    }
}
