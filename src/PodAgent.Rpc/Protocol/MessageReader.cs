using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;

namespace PodAgent.Rpc.Protocol;

/// <summary>Takes messages off a pipe.</summary>
/// <param name="pipe">The body of the HTTP message.</param>
/// <param name="maxSize">The largest message, in bytes, compressed or not.</param>
/// <param name="encoding">The message encoding of the peer, null for none.</param>
internal sealed class MessageReader(PipeReader pipe, int maxSize, string? encoding)
{
    private readonly SequenceContext _context = new();

    /// <summary>The next message, or null at the end of the stream.</summary>
    /// <exception cref="RpcException">The peer broke the protocol or a limit.</exception>
    internal async ValueTask<T?> ReadAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            ReadResult result = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            SequencePosition examined = buffer.End;
            try
            {
                if (MessageFrame.TryRead(ref buffer, maxSize, out bool compressed, out ReadOnlySequence<byte> payload))
                {
                    examined = buffer.Start;
                    return Deserialize(marshaller, compressed, payload);
                }

                if (result.IsCompleted)
                {
                    return buffer.IsEmpty
                        ? null
                        : throw new RpcException(new Status(StatusCode.Internal, "the stream ended inside of a message"));
                }
            }
            finally
            {
                pipe.AdvanceTo(buffer.Start, examined);
            }

            if (result.IsCanceled)
            {
                throw new OperationCanceledException();
            }
        }
    }

    private T Deserialize<T>(Marshaller<T> marshaller, bool compressed, ReadOnlySequence<byte> payload)
    {
        if (!compressed)
        {
            return Deserialize(marshaller, payload);
        }

        if (encoding != MessageEncodings.Gzip)
        {
            throw new RpcException(new Status(
                StatusCode.Internal,
                $"a message is marked as compressed but the message encoding is \"{encoding ?? MessageEncodings.Identity}\""));
        }

        using var buffer = new PooledBuffer();
        GzipMessages.Decompress(payload, maxSize, buffer);
        return Deserialize(marshaller, new ReadOnlySequence<byte>(buffer.Memory));
    }

    private T Deserialize<T>(Marshaller<T> marshaller, ReadOnlySequence<byte> payload)
    {
        _context.Payload = payload;
        try
        {
            return marshaller.ContextualDeserializer(_context);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw new RpcException(new Status(
                StatusCode.Internal, $"cannot decode a message of {payload.Length} bytes as {typeof(T).Name}", e));
        }
        finally
        {
            _context.Payload = default;
        }
    }

    private sealed class SequenceContext : DeserializationContext
    {
        internal ReadOnlySequence<byte> Payload { get; set; }

        public override int PayloadLength => (int)Payload.Length;

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => Payload;
    }
}
