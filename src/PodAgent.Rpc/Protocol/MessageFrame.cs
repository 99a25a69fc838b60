using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace PodAgent.Rpc.Protocol;

/// <summary>The frame of a message: one byte "compressed", four bytes length (big endian), the message.</summary>
internal static class MessageFrame
{
    internal const int HeaderSize = 5;

    internal static void WriteHeader(Span<byte> target, bool compressed, int length)
    {
        target[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(target[1..], (uint)length);
    }

    /// <summary>Takes one frame off the front of the buffer; false when it is not all there.</summary>
    /// <exception cref="RpcException">The frame is malformed (INTERNAL) or longer than allowed (RESOURCE_EXHAUSTED).</exception>
    internal static bool TryRead(ref ReadOnlySequence<byte> buffer, int maxSize, out bool compressed, out ReadOnlySequence<byte> payload)
    {
        compressed = false;
        payload = default;
        if (buffer.Length < HeaderSize)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        if (header[0] > 1)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"a message starts with the flag {header[0]}, only 0 and 1 are known"));
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > (uint)maxSize)
        {
            throw MessageLimits.ReceivedTooLarge($"{length} bytes", maxSize);
        }

        if (buffer.Length < HeaderSize + length)
        {
            return false;
        }

        compressed = header[0] == 1;
        payload = buffer.Slice(HeaderSize, length);
        buffer = buffer.Slice(payload.End);
        return true;
    }
}
