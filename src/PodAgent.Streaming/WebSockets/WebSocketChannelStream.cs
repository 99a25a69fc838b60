namespace PodAgent.Streaming.WebSockets;

/// <summary>The writing end of one channel of a WebSocket.</summary>
internal sealed class WebSocketChannelStream(WebSocketSender sender, byte channel) : AsyncByteStream
{
    private const int MaxMessage = 64 << 10;

    public override bool CanRead => false;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            ReadOnlyMemory<byte> part = buffer[..Math.Min(buffer.Length, MaxMessage)];
            await sender.SendAsync(channel, part, cancellationToken).ConfigureAwait(false);
            buffer = buffer[part.Length..];
        }
    }
}
