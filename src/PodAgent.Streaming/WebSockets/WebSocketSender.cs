using System.Buffers;
using System.Buffers.Text;
using System.Net.WebSockets;

namespace PodAgent.Streaming.WebSockets;

/// <summary>Sends channel messages, one at a time: <c>[channel][payload]</c> in binary, or the channel as a digit and the payload in base64 as text.</summary>
internal sealed class WebSocketSender(WebSocket socket, bool isBase64)
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <exception cref="IOException">The client has gone.</exception>
    public async ValueTask SendAsync(byte channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        int size = 1 + (isBase64 ? Base64.GetMaxEncodedToUtf8Length(payload.Length) : payload.Length);
        byte[] message = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            if (isBase64)
            {
                message[0] = (byte)('0' + channel);
                Base64.EncodeToUtf8(payload.Span, message.AsSpan(1), out _, out int written);
                size = 1 + written;
            }
            else
            {
                message[0] = channel;
                payload.CopyTo(message.AsMemory(1));
            }

            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Not the caller's token: cancelling a send aborts the whole socket.
                await socket.SendAsync(
                    message.AsMemory(0, size), isBase64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true,
                    CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (Exception failure) when (failure is WebSocketException or InvalidOperationException)
        {
            throw new IOException($"the client has gone: {failure.Message}", failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>Sends the close frame behind everything else.</summary>
    public async Task CloseAsync(WebSocketCloseStatus status, string why, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(status, why, cancellationToken).ConfigureAwait(false);
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
