using System.Buffers.Binary;
using Google.Protobuf;

namespace PodAgent.Containers.Supervision;

/// <summary>Frames of the supervisor protocol: a 32-bit little-endian length, then one message.</summary>
internal static class Frames
{
    /// <summary>Bytes of the length.</summary>
    public const int HeaderSize = 4;

    /// <summary>The longest message, in bytes; a peer that announces more is not one of ours.</summary>
    public const int MaxMessage = 4 << 20;

    /// <exception cref="ArgumentException">The message is too long.</exception>
    public static byte[] Encode(IMessage message)
    {
        int size = message.CalculateSize();
        if (size > MaxMessage)
        {
            throw new ArgumentException($"a message of {size} bytes is longer than the protocol allows ({MaxMessage})", nameof(message));
        }

        byte[] frame = new byte[HeaderSize + size];
        BinaryPrimitives.WriteInt32LittleEndian(frame, size);
        message.WriteTo(frame.AsSpan(HeaderSize));
        return frame;
    }

    /// <summary>Finds the first whole frame of a buffer.</summary>
    /// <param name="buffer">What was received.</param>
    /// <param name="length">The message's length, once the header is there.</param>
    /// <returns>False: more has to be received.</returns>
    /// <exception cref="InvalidDataException">The length is not one of ours.</exception>
    public static bool TryFind(ReadOnlySpan<byte> buffer, out int length)
    {
        length = 0;
        if (buffer.Length < HeaderSize)
        {
            return false;
        }

        uint announced = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        if (announced > MaxMessage)
        {
            throw new InvalidDataException($"a frame of {announced} bytes is longer than the protocol allows ({MaxMessage})");
        }

        length = (int)announced;
        return buffer.Length - HeaderSize >= length;
    }
}
