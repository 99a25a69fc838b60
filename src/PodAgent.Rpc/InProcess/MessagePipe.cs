using System.Threading.Channels;
using Grpc.Core;

namespace PodAgent.Rpc.InProcess;

/// <summary>One direction of a call: a bounded queue, so that a slow reader slows its writer as over the network.</summary>
internal sealed class MessagePipe<T>(Marshaller<T> marshaller, bool clone)
    where T : class
{
    /// <summary>How many messages may wait; a few, so that both sides can work at the same time.</summary>
    internal const int Capacity = 16;

    private readonly Channel<T> _channel = Channel.CreateBounded<T>(new BoundedChannelOptions(Capacity)
    {
        SingleReader = true,
        SingleWriter = true,
    });

    /// <summary>Puts the only message of a pipe that nobody reads yet.</summary>
    internal void AddFirst(T message) => _channel.Writer.TryWrite(Pass(message));

    /// <summary>Waits for room and adds a message; false when the pipe is complete.</summary>
    internal async ValueTask<bool> TryWriteAsync(T message, CancellationToken cancellationToken)
    {
        message = Pass(message);
        while (await _channel.Writer.WaitToWriteAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_channel.Writer.TryWrite(message))
            {
                return true;
            }
        }

        return false;
    }

    internal void Complete() => _channel.Writer.TryComplete();

    /// <summary>The next message, or null at the end.</summary>
    internal async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await _channel.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_channel.Reader.TryRead(out T? message))
            {
                return message;
            }
        }

        return null;
    }

    /// <summary>The next message that is there already, or null.</summary>
    internal T? Take() => _channel.Reader.TryRead(out T? message) ? message : null;

    private T Pass(T message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return clone ? marshaller.Deserializer(marshaller.Serializer(message)) : message;
    }
}
