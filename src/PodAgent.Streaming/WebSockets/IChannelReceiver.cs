using System.Buffers;

namespace PodAgent.Streaming.WebSockets;

/// <summary>Takes what a client sends on the channels of a WebSocket.</summary>
internal interface IChannelReceiver
{
    /// <summary>A piece of a message, in order; pieces of one channel follow each other. Returns when the next may come.</summary>
    ValueTask OnDataAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}
