using System.Diagnostics;
using System.Net.WebSockets;

namespace PodAgent.Benchmarks.Throughput;

/// <summary>A client of the stream protocol that all runtimes speak: v4.channel.k8s.io over WebSocket, each message led by its channel's number.</summary>
internal sealed class ChannelClient : IAsyncDisposable
{
    public const byte StandardInput = 0;
    public const byte StandardOutput = 1;
    public const byte FirstPort = 0;

    private readonly ClientWebSocket _socket = new();

    public static async Task<ChannelClient> ConnectAsync(string url)
    {
        var client = new ChannelClient();
        client._socket.Options.AddSubProtocol("v4.channel.k8s.io");
        client._socket.Options.Proxy = null;
        await client._socket.ConnectAsync(new UriBuilder(url) { Scheme = "ws" }.Uri, CancellationToken.None);
        return client;
    }

    public async Task SendAsync(byte channel, byte[] data) =>
        await _socket.SendAsync((byte[])[channel, .. data], WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    /// <summary>Receives so many megabytes (2^20 bytes) from one channel; returns the rate in MB/s (10^6 bytes) from the first byte on.</summary>
    public async Task<double> ReceiveAsync(byte channel, int megabytes)
    {
        long expected = (long)megabytes << 20;
        long received = 0;
        long start = 0;
        byte[] buffer = new byte[1 << 20];
        bool ofChannel = false;
        bool first = true;
        while (received < expected)
        {
            ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new InvalidOperationException($"the stream ended after {received} of {expected} bytes: {_socket.CloseStatusDescription}");
            }

            int head = first ? 1 : 0;
            ofChannel = first && part.Count > 0 ? buffer[0] == channel : ofChannel;
            first = part.EndOfMessage;

            // The first message of a port's channel is the port's number.
            if (ofChannel && part.Count - head > 2)
            {
                start = start == 0 ? Stopwatch.GetTimestamp() : start;
                received += part.Count - head;
            }
        }

        return received / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
