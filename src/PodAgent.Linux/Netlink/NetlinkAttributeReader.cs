using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Netlink;

/// <summary>
/// Walks over the attributes of a netlink message. A length that does not fit ends the walk: the kernel is trusted, but a reader that
/// runs beyond its buffer is never the right answer to a version it does not know.
/// </summary>
internal ref struct NetlinkAttributeReader
{
    private ReadOnlySpan<byte> _rest;

    public NetlinkAttributeReader(ReadOnlySpan<byte> attributes)
    {
        _rest = attributes;
        Type = 0;
        Value = default;
    }

    /// <summary>The type of the current attribute, without the flag bits.</summary>
    public ushort Type { get; private set; }

    /// <summary>The content of the current attribute.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public bool MoveNext()
    {
        int headerSize = NetlinkBatch.Size<NlAttr>();
        if (_rest.Length < headerSize)
        {
            return false;
        }

        NlAttr header = MemoryMarshal.Read<NlAttr>(_rest);
        if (header.nla_len < headerSize || header.nla_len > _rest.Length)
        {
            return false;
        }

        Type = (ushort)(header.nla_type & NetlinkConstants.NLA_TYPE_MASK);
        Value = _rest[headerSize..header.nla_len];
        _rest = _rest[Math.Min(NetlinkBatch.Align(header.nla_len), _rest.Length)..];
        return true;
    }

    public readonly string Text() => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    public readonly uint UInt32() =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(Value) : BinaryPrimitives.ReadUInt32BigEndian(Value);
}
