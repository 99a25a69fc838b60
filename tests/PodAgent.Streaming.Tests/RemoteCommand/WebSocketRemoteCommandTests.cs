using System.Net.WebSockets;
using System.Text;
using PodAgent.Streaming.RemoteCommand;
using PodAgent.Streaming.Tests.Support;

namespace PodAgent.Streaming.Tests.RemoteCommand;

public sealed class WebSocketRemoteCommandTests : IDisposable
{
    private static readonly RemoteCommandStreams s_piped = new(true, true, true, false);

    private readonly WebSocket _client;
    private readonly WebSocket _server;

    public WebSocketRemoteCommandTests()
    {
        (MemoryTransport client, MemoryTransport server) = MemoryTransport.Pair();
        _client = WebSocket.CreateFromStream(client, new WebSocketCreationOptions { IsServer = false });
        _server = WebSocket.CreateFromStream(server, new WebSocketCreationOptions { IsServer = true });
    }

    [Fact]
    public async Task Version5_PipedCommand_CarriesEverythingToTheStatusAndClose()
    {
        await using WebSocketRemoteCommand command = await StartAsync("v5.channel.k8s.io", s_piped);
        Assert.Equal("01", await ReceiveAsync());

        await SendAsync("00" + Hex("typed"));
        await SendAsync("00");
        await SendAsync("FF00");
        Assert.Equal("typed", await command.Stdin!.ReadTextAsync());
        await command.Stdout!.SendAsync("out");
        await command.Stderr!.SendAsync("err");
        Task completed = command.CompleteAsync(RemoteCommandStatus.Success, CancellationToken.None);
        Assert.Equal(("01" + Hex("out"), "02" + Hex("err")), (await ReceiveAsync(), await ReceiveAsync()));
        Assert.Equal("03" + Hex("""{"metadata":{},"status":"Success"}"""), await ReceiveAsync());
        Assert.Equal("closed NormalClosure", await ReceiveAsync());
        await _client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        await completed.Within();
    }

    [Fact]
    public async Task Version4_CloseSignal_MeansNothing()
    {
        await using WebSocketRemoteCommand command = await StartAsync("v4.channel.k8s.io", s_piped);
        await SendAsync("FF00");
        await SendAsync("00" + Hex("still open"));
        await _client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);

        Assert.Equal("still open", await command.Stdin!.ReadTextAsync());
    }

    [Fact]
    public async Task Base64_Messages_AreText()
    {
        await using WebSocketRemoteCommand command = await StartAsync("v4.base64.channel.k8s.io", s_piped);
        Assert.Equal(Hex("1"), await ReceiveAsync());
        await SendAsync(Hex("0" + "dHlwZWQ="), WebSocketMessageType.Text);
        await command.Stdout!.SendAsync("out");
        Assert.Equal(Hex("1" + "b3V0"), await ReceiveAsync());
        await _client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);

        Assert.Equal("typed", await command.Stdin!.ReadTextAsync());
    }

    [Fact]
    public async Task Sizes_OfATerminal_Arrive()
    {
        await using WebSocketRemoteCommand command = await StartAsync("v5.channel.k8s.io", new RemoteCommandStreams(true, true, false, true));
        await SendAsync("04" + Hex("{\"Width\":7,\"Height\":5}"));

        Assert.Equal(new TerminalDimensions(7, 5), await command.Resizes.ReadAsync().AsTask().Within());
        Assert.Null(command.Stderr);
        await _client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
    }

    [Theory]
    [InlineData("v5.channel.k8s.io", WebSocketMessageType.Text)]
    [InlineData("v4.base64.channel.k8s.io", WebSocketMessageType.Binary)]
    [InlineData("v4.base64.channel.k8s.io", WebSocketMessageType.Text)]
    public async Task Nonsense_EndsTheSession(string protocol, WebSocketMessageType type)
    {
        await using WebSocketRemoteCommand command = await StartAsync(protocol, s_piped);
        await SendAsync(Hex("0!"), type);

        Assert.Equal("", await command.Stdin!.ReadTextAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, command.ClientGone));
    }

    [Fact]
    public async Task Write_AfterTheClientLeft_Fails()
    {
        await using WebSocketRemoteCommand command = await StartAsync("v5.channel.k8s.io", s_piped);
        await _client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, command.ClientGone));

        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await command.Stdout!.SendAsync("too late");
            }
        });
    }

    [Fact]
    public void Handshake_KeyOfTheSpecification_HasItsAnswer() => Assert.Equal(
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", PodAgent.Streaming.WebSockets.WebSocketHandshake.Accept("dGhlIHNhbXBsZSBub25jZQ=="));

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    private Task<WebSocketRemoteCommand> StartAsync(string protocol, RemoteCommandStreams wanted) =>
        WebSocketRemoteCommand.StartAsync(_server, RemoteCommandProtocol.ForWebSocket([protocol])!, wanted, CancellationToken.None);

    private Task SendAsync(string hex, WebSocketMessageType type = WebSocketMessageType.Binary) =>
        _client.SendAsync(Convert.FromHexString(hex), type, true, CancellationToken.None);

    private async Task<string> ReceiveAsync()
    {
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult result = await _client.ReceiveAsync(new ArraySegment<byte>(buffer), CancellationToken.None).Within();
        return result.MessageType == WebSocketMessageType.Close ? $"closed {result.CloseStatus}" : Convert.ToHexString(buffer, 0, result.Count);
    }

    private static string Hex(string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text));
}
