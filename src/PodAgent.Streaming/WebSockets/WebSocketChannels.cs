using System.Buffers;
using System.Buffers.Text;
using System.Net.WebSockets;

namespace PodAgent.Streaming.WebSockets;

/// <summary>
/// The receiving half of a WebSocket that carries several channels. It reads all the time: the framework answers pings only while somebody
/// reads, and clients give up without an answer.
/// </summary>
internal sealed class WebSocketChannels(WebSocket socket, bool isBase64)
{
    private const int MaxBase64Message = 4 << 20;

    /// <summary>Receives until the client closes or is gone.</summary>
    /// <returns>Null after a close frame; otherwise what went wrong.</returns>
    public async Task<Exception?> ReceiveAsync(IChannelReceiver receiver, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
        try
        {
            while (true)
            {
                if (!await ReceiveMessageAsync(receiver, buffer, cancellationToken).ConfigureAwait(false))
                {
                    return null;
                }
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return failure;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Task<bool> ReceiveMessageAsync(IChannelReceiver receiver, byte[] buffer, CancellationToken cancellationToken) => isBase64
        ? ReceiveTextAsync(receiver, buffer, cancellationToken)
        : ReceiveBinaryAsync(receiver, buffer, cancellationToken);

    // Of any length: pieces are handed on as they come.
    private async Task<bool> ReceiveBinaryAsync(IChannelReceiver receiver, byte[] buffer, CancellationToken cancellationToken)
    {
        int channel = -1;
        while (true)
        {
            ValueWebSocketReceiveResult piece = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
            if (piece.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            if (piece.MessageType != WebSocketMessageType.Binary)
            {
                throw new InvalidDataException("a text message, where the sub-protocol has binary ones");
            }

            ReadOnlyMemory<byte> data = buffer.AsMemory(0, piece.Count);
            if (channel < 0 && !data.IsEmpty)
            {
                channel = data.Span[0];
                data = data[1..];
            }

            if (channel >= 0 && !data.IsEmpty)
            {
                await receiver.OnDataAsync((byte)channel, data, cancellationToken).ConfigureAwait(false);
            }

            if (piece.EndOfMessage)
            {
                return true;
            }
        }
    }

    private async Task<bool> ReceiveTextAsync(IChannelReceiver receiver, byte[] buffer, CancellationToken cancellationToken)
    {
        var message = new ArrayBufferWriter<byte>();
        while (true)
        {
            ValueWebSocketReceiveResult piece = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
            if (piece.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            message.Write(buffer.AsSpan(0, piece.Count));
            if (message.WrittenCount > MaxBase64Message)
            {
                throw new InvalidDataException($"a message of more than {MaxBase64Message} bytes");
            }

            if (piece.EndOfMessage)
            {
                break;
            }
        }

        if (message.WrittenCount > 1)
        {
            byte[] data = Decode(message.WrittenSpan[1..]);
            await receiver.OnDataAsync((byte)(message.WrittenSpan[0] - '0'), data, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private static byte[] Decode(ReadOnlySpan<byte> text)
    {
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, bytes, out _, out int written) == OperationStatus.Done
            ? bytes[..written]
            : throw new InvalidDataException("a message that is not base64");
    }
}
