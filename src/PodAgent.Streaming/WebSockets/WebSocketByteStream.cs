using System.Net.WebSockets;

namespace PodAgent.Streaming.WebSockets;

/// <summary>
/// A WebSocket as one stream of bytes: the borders of its binary messages mean nothing (the tunnel for SPDY). Reading 0 bytes is the
/// client's close frame. One reader at a time; writers take turns.
/// </summary>
public sealed class WebSocketByteStream(WebSocket socket) : AsyncByteStream
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult piece = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (piece.MessageType == WebSocketMessageType.Close)
                {
                    return 0;
                }

                if (piece.MessageType == WebSocketMessageType.Text)
                {
                    throw new IOException("a text message, where the tunnel has binary ones");
                }

                // An empty message is not the end.
                if (piece.Count > 0 || buffer.IsEmpty)
                {
                    return piece.Count;
                }
            }
        }
        catch (WebSocketException failure)
        {
            throw new IOException($"the client has gone: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await socket.SendAsync(buffer, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is WebSocketException or InvalidOperationException)
        {
            throw new IOException($"the client has gone: {failure.Message}", failure);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Close frame 1000, which clients read as the end of the bytes.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (WebSocketException)
        {
            // It left without listening.
        }
        finally
        {
            _turn.Release();
        }
    }
}
