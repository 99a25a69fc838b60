using System.Buffers;
using Grpc.Core;

namespace PodAgent.Rpc.Protocol;

/// <summary>
/// Frames messages into a buffer writer. A message that announces its size goes straight to the target; one that does not,
/// or that is compressed, is collected first, because its length comes before it. Not for concurrent use.
/// </summary>
/// <param name="maxSize">The largest message, in bytes before compression.</param>
internal sealed class MessageWriter(int maxSize) : SerializationContext
{
    private IBufferWriter<byte> _target = null!;
    private PooledBuffer? _collected;
    private bool _compress;
    private bool _headerWritten;
    private bool _completed;

    internal void Write<T>(IBufferWriter<byte> target, Marshaller<T> marshaller, T message, bool compress)
    {
        _target = target;
        _compress = compress;
        _headerWritten = false;
        _completed = false;
        try
        {
            marshaller.ContextualSerializer(message, this);
            if (!_completed)
            {
                throw new InvalidOperationException($"the serializer of {typeof(T).Name} did not complete the message");
            }
        }
        finally
        {
            _collected?.Dispose();
            _collected = null;
            _target = null!;
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        MessageLimits.CheckSend(payloadLength, maxSize);
        if (!_compress && !_headerWritten && _collected is null)
        {
            WriteHeader(compressed: false, payloadLength);
        }
    }

    public override IBufferWriter<byte> GetBufferWriter() => _headerWritten ? _target : _collected ??= new PooledBuffer();

    public override void Complete(byte[] payload)
    {
        SetPayloadLength(payload.Length);
        GetBufferWriter().Write(payload);
        Complete();
    }

    public override void Complete()
    {
        if (_completed)
        {
            throw new InvalidOperationException("the message is complete");
        }

        _completed = true;
        if (_headerWritten)
        {
            return;
        }

        ReadOnlySpan<byte> message = _collected is null ? default : _collected.Span;
        MessageLimits.CheckSend(message.Length, maxSize);
        if (_compress)
        {
            using var compressed = new PooledBuffer();
            GzipMessages.Compress(message, compressed);
            WriteHeader(compressed: true, compressed.Length);
            _target.Write(compressed.Span);
        }
        else
        {
            WriteHeader(compressed: false, message.Length);
            _target.Write(message);
        }
    }

    private void WriteHeader(bool compressed, int length)
    {
        MessageFrame.WriteHeader(_target.GetSpan(MessageFrame.HeaderSize), compressed, length);
        _target.Advance(MessageFrame.HeaderSize);
        _headerWritten = true;
    }
}
