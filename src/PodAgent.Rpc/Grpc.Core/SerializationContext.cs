using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a <see cref="Marshaller{T}"/> puts the bytes of one message.</summary>
public abstract class SerializationContext
{
    /// <summary>Hands over the whole message; nothing else may have been written.</summary>
    public virtual void Complete(byte[] payload)
    {
        GetBufferWriter().Write(payload);
        Complete();
    }

    /// <summary>The writer for the bytes of the message; <see cref="Complete()"/> has to follow.</summary>
    public abstract IBufferWriter<byte> GetBufferWriter();

    /// <summary>Announces the exact size in bytes, before the first byte is written.</summary>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    /// <summary>Ends a message written to <see cref="GetBufferWriter"/>.</summary>
    public abstract void Complete();
}
