using System.Buffers.Binary;

namespace PodAgent.Streaming.Spdy;

/// <summary>
/// The eight bytes before every frame (SPDY/3.1 section 2.2). Control: 1 bit set, version (15), type (16), flags (8), length (24). Data:
/// 1 bit clear, stream (31), flags (8), length (24).
/// </summary>
internal readonly record struct SpdyFrameHeader(bool IsControl, ushort Version, SpdyFrameType Type, uint StreamId, byte Flags, int Length)
{
    public const int Size = 8;
    public const int MaxLength = 0xFFFFFF;
    public const byte Fin = 1;
    public const byte Unidirectional = 2;
    public const ushort SupportedVersion = 3;

    private const ushort ControlBit = 0x8000;

    public bool IsFin => (Flags & Fin) != 0;

    public static SpdyFrameHeader Control(SpdyFrameType type, byte flags, int length) => new(true, SupportedVersion, type, 0, flags, length);

    public static SpdyFrameHeader Data(uint streamId, byte flags, int length) => new(false, 0, 0, streamId, flags, length);

    public static SpdyFrameHeader Read(ReadOnlySpan<byte> bytes)
    {
        uint first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        uint second = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        byte flags = (byte)(second >> 24);
        int length = (int)(second & MaxLength);
        return first >> 31 == 1
            ? new SpdyFrameHeader(true, (ushort)(first >> 16 & 0x7FFF), (SpdyFrameType)(ushort)first, 0, flags, length)
            : Data(first, flags, length);
    }

    public void Write(Span<byte> bytes)
    {
        if (IsControl)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(ControlBit | Version));
            BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)Type);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, StreamId);
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], (uint)Flags << 24 | (uint)Length);
    }
}
