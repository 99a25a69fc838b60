using System.Buffers;

namespace Grpc.Core;

internal static class ArraySerialization
{
    internal static byte[] ToArray<T>(Marshaller<T> marshaller, T message)
    {
        var context = new ArrayContext();
        marshaller.ContextualSerializer(message, context);
        return context.Payload;
    }

    internal static T FromArray<T>(Marshaller<T> marshaller, byte[] payload) =>
        marshaller.ContextualDeserializer(new SequenceContext(new ReadOnlySequence<byte>(payload)));

    private sealed class ArrayContext : SerializationContext
    {
        private ArrayBufferWriter<byte>? _writer;
        private byte[]? _payload;

        internal byte[] Payload => _payload ?? throw new InvalidOperationException("the serializer did not complete the message");

        public override IBufferWriter<byte> GetBufferWriter() => _writer ??= new ArrayBufferWriter<byte>();

        public override void SetPayloadLength(int payloadLength) => _writer ??= new ArrayBufferWriter<byte>(Math.Max(1, payloadLength));

        public override void Complete(byte[] payload) => _payload = payload;

        public override void Complete() => _payload = _writer is null ? [] : _writer.WrittenSpan.ToArray();
    }

    private sealed class SequenceContext(ReadOnlySequence<byte> payload) : DeserializationContext
    {
        public override int PayloadLength => (int)payload.Length;

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => payload;
    }
}
