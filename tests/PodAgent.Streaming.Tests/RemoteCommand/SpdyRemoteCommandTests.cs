using System.Text;
using PodAgent.Streaming.RemoteCommand;
using PodAgent.Streaming.Spdy;
using PodAgent.Streaming.Tests.Support;

namespace PodAgent.Streaming.Tests.RemoteCommand;

public sealed class SpdyRemoteCommandTests : IAsyncDisposable
{
    private static readonly RemoteCommandProtocol s_v4 = RemoteCommandProtocol.ForSpdy(["v4.channel.k8s.io"])!;

    private readonly MemoryTransport _clientTransport;
    private readonly SpdyConnection _client;
    private readonly SpdyConnection _server;

    public SpdyRemoteCommandTests()
    {
        (_clientTransport, MemoryTransport serverTransport) = MemoryTransport.Pair();
        _client = SpdyConnection.Start(_clientTransport, SpdyRole.Client);
        _server = SpdyConnection.Start(serverTransport, SpdyRole.Server);
    }

    [Fact]
    public async Task Accept_PipedCommand_CarriesEverythingToTheStatus()
    {
        Task<SpdyRemoteCommand> accepting = AcceptAsync(new RemoteCommandStreams(true, true, true, false));
        SpdyStream error = Open("error");
        SpdyStream stdin = Open("stdin");
        SpdyStream stdout = Open("stdout");
        Assert.False(accepting.IsCompleted);
        SpdyStream stderr = Open("stderr");
        await using SpdyRemoteCommand command = await accepting.Within();

        await stdin.SendAsync("typed");
        await stdin.CompleteWritesAsync();
        Assert.Equal("typed", await command.Stdin!.ReadTextAsync());
        await command.Stdout!.SendAsync("out");
        await command.Stderr!.SendAsync("err");
        await command.CompleteAsync(RemoteCommandStatus.Exited(7), CancellationToken.None);

        Assert.Equal(("out", "err"), (await stdout.ReadTextAsync(), await stderr.ReadTextAsync()));
        Assert.Contains("\"message\":\"7\"", await error.ReadTextAsync(), StringComparison.Ordinal);
        await _clientTransport.DisposeAsync();
    }

    [Fact]
    public async Task Accept_Terminal_HasSizesAndNoStderr()
    {
        Task<SpdyRemoteCommand> accepting = AcceptAsync(new RemoteCommandStreams(true, true, false, true));
        Open("error");
        Open("stdin");
        Open("stdout");
        SpdyStream resize = Open("resize");
        await using SpdyRemoteCommand command = await accepting.Within();

        await resize.SendAsync("{\"Width\":100,\"Height\":40}");
        Assert.Equal(new TerminalDimensions(100, 40), await command.Resizes.ReadAsync().AsTask().Within());
        Assert.Null(command.Stderr);
        await _clientTransport.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, command.ClientGone));
    }

    [Fact]
    public async Task Accept_StreamsNobodyAskedFor_AreRefused()
    {
        Task<SpdyRemoteCommand> accepting = AcceptAsync(new RemoteCommandStreams(false, true, false, false));
        SpdyStream unknown = Open("resize");
        Open("error");
        SpdyStream again = Open("error");
        Open("stdout");
        await using SpdyRemoteCommand command = await accepting.Within();
        SpdyStream late = Open("stdin");

        foreach (SpdyStream refused in (SpdyStream[])[unknown, again, late])
        {
            Assert.Empty(await refused.ReadToEndAsync());
            Assert.True(refused.Aborted.IsCancellationRequested);
        }

        await _clientTransport.DisposeAsync();
    }

    [Fact]
    public async Task Accept_ClientLeaves_SaysWhatIsMissing()
    {
        Task<SpdyRemoteCommand> accepting = AcceptAsync(new RemoteCommandStreams(false, true, false, false));
        Open("error");
        await _client.PingAsync(CancellationToken.None).Within();
        await _clientTransport.DisposeAsync();

        Assert.Contains("\"stdout\"", (await Assert.ThrowsAsync<IOException>(() => accepting.Within())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complete_OldProtocol_IsASentence()
    {
        Task<SpdyRemoteCommand> accepting = SpdyRemoteCommand.AcceptAsync(
            _server, RemoteCommandProtocol.ForSpdy([])!, new RemoteCommandStreams(false, true, false, true), CancellationToken.None);
        SpdyStream error = Open("error");
        Open("stdout");
        await using SpdyRemoteCommand command = await accepting.Within();
        await command.CompleteAsync(RemoteCommandStatus.Failed("no shell"), CancellationToken.None);

        Assert.Equal("Internal error occurred: no shell", await error.ReadTextAsync());
        await _clientTransport.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _clientTransport.DisposeAsync();
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    private Task<SpdyRemoteCommand> AcceptAsync(RemoteCommandStreams wanted) => SpdyRemoteCommand.AcceptAsync(_server, s_v4, wanted, CancellationToken.None);

    private SpdyStream Open(string type) => _client.Open(new Dictionary<string, string> { ["streamtype"] = type });
}
