using System.Net.WebSockets;
using System.Text;
using PodAgent.Streaming.PortForwarding;
using PodAgent.Streaming.Tests.Support;

namespace PodAgent.Streaming.Tests.PortForwarding;

public sealed class WebSocketPortForwardTests : IDisposable
{
    private readonly WebSocket _client;
    private readonly WebSocket _server;

    public WebSocketPortForwardTests()
    {
        (MemoryTransport client, MemoryTransport server) = MemoryTransport.Pair();
        _client = WebSocket.CreateFromStream(client, new WebSocketCreationOptions { IsServer = false });
        _server = WebSocket.CreateFromStream(server, new WebSocketCreationOptions { IsServer = true });
    }

    [Fact]
    public async Task Channels_OfTwoPorts_BeginWithTheirPortsAndCarryData()
    {
        var ports = new EchoPorts();
        Task serving = new WebSocketPortForward(_server, [80, 81], isBase64: false, ports).RunAsync(CancellationToken.None);
        var received = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            received.Add(await ReceiveAsync());
        }

        Assert.Superset(new HashSet<string> { "005000", "015000", "025100", "035100" }, received.ToHashSet());
        Assert.Contains("03" + Convert.ToHexString(Encoding.UTF8.GetBytes("nobody listens on 81")), received);

        await _client.SendAsync("\0hello"u8.ToArray(), WebSocketMessageType.Binary, true, CancellationToken.None);
        Assert.Equal("00" + Convert.ToHexString("hello"u8), await ReceiveAsync());
        await _client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        await serving.Within();
        Assert.Equal(0, ports.Open);
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    private async Task<string> ReceiveAsync()
    {
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult result = await _client.ReceiveAsync(new ArraySegment<byte>(buffer), CancellationToken.None).Within();
        return Convert.ToHexString(buffer, 0, result.Count);
    }
}
