using System.Buffers;
using System.IO.Compression;
using Grpc.Core;

namespace PodAgent.Rpc.Protocol;

/// <summary>Compression of single messages.</summary>
internal static class GzipMessages
{
    private const int ChunkSize = 16 * 1024;

    internal static void Compress(ReadOnlySpan<byte> message, PooledBuffer target)
    {
        using var output = new BufferStream(target);
        using var gzip = new GZipStream(output, CompressionLevel.Fastest);
        gzip.Write(message);
    }

    /// <summary>Decompresses, and stops as soon as the message is over its limit: a small frame may be a huge message.</summary>
    /// <exception cref="RpcException">Too large (RESOURCE_EXHAUSTED) or damaged (INTERNAL).</exception>
    internal static void Decompress(ReadOnlySequence<byte> payload, int maxSize, PooledBuffer target)
    {
        using var gzip = new GZipStream(new SequenceStream(payload), CompressionMode.Decompress);
        try
        {
            while (true)
            {
                Span<byte> chunk = target.GetSpan(ChunkSize);
                int count = gzip.Read(chunk);
                if (count == 0)
                {
                    return;
                }

                target.Advance(count);
                if (target.Length > maxSize)
                {
                    throw MessageLimits.ReceivedTooLarge($"more than {maxSize} bytes after decompression", maxSize);
                }
            }
        }
        catch (InvalidDataException e)
        {
            throw new RpcException(new Status(StatusCode.Internal, "a compressed message is not valid gzip", e));
        }
    }

    private sealed class BufferStream(PooledBuffer target) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => target.Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => target.Write(buffer);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
