using System.Net.WebSockets;
using System.Text;

namespace PodAgent.Benchmarks.Streams;

/// <summary>Protocol v4.channel.k8s.io over WebSocket, each message led by its channel's number.</summary>
internal sealed class WebSocketClient : StreamClient
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[256 << 10];
    private readonly byte _outputChannel;
    private bool _begun;
    private bool _ofChannel;
    private bool _portSeen;
    private string _status = "";

    // The first data channel of a port-forward carries both directions; a process has one for each.
    private WebSocketClient(bool isPort) => (_outputChannel, _portSeen) = (isPort ? (byte)0 : (byte)1, !isPort);

    protected override string Status => _status;

    public static async Task<StreamClient> ConnectAsync(StreamTarget target)
    {
        var client = new WebSocketClient(target.Port != 0);
        client._socket.Options.AddSubProtocol("v4.channel.k8s.io");
        client._socket.Options.Proxy = null;
        await client._socket.ConnectAsync(new UriBuilder(target.Url) { Scheme = "ws" }.Uri, CancellationToken.None);
        return client;
    }

    public override async Task SendAsync(ReadOnlyMemory<byte> data)
    {
        await _socket.SendAsync(new byte[1], WebSocketMessageType.Binary, endOfMessage: false, CancellationToken.None);
        await _socket.SendAsync(data, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
    }

    public override ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask<int> ReceiveAsync()
    {
        while (true)
        {
            ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return 0;
            }

            int count = part.Count;
            if (!_begun && count > 0)
            {
                _begun = true;
                _ofChannel = _buffer[0] == _outputChannel;
                count--;
            }

            _begun &= !part.EndOfMessage;
            if (!_ofChannel || count == 0)
            {
                // Errors, and how a process ended.
                _status += Encoding.UTF8.GetString(_buffer, part.Count - count, count);
                continue;
            }

            // A port's first message is its number.
            if (_portSeen)
            {
                return count;
            }

            _portSeen = true;
        }
    }
}
