using PodAgent.Streaming.PortForwarding;
using PodAgent.Streaming.Spdy;
using PodAgent.Streaming.Tests.Support;

namespace PodAgent.Streaming.Tests.PortForwarding;

public sealed class SpdyPortForwardTests : IAsyncDisposable
{
    private readonly MemoryTransport _transport;
    private readonly SpdyConnection _client;
    private readonly SpdyConnection _server;
    private readonly EchoPorts _ports = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public SpdyPortForwardTests()
    {
        (_transport, MemoryTransport serverTransport) = MemoryTransport.Pair();
        _client = SpdyConnection.Start(_transport, SpdyRole.Client);
        _server = SpdyConnection.Start(serverTransport, SpdyRole.Server);
        _serving = new SpdyPortForward(_server, _ports, TimeSpan.FromSeconds(30), TimeProvider.System).RunAsync(_stop.Token);
    }

    [Fact]
    public async Task Connection_ToAListeningPort_CarriesBothWaysAndHalfCloses()
    {
        SpdyStream error = Open("error", "80", "0");
        await error.CompleteWritesAsync();
        SpdyStream data = Open("data", "80", "0");
        byte[] sent = new byte[500_000];
        Random.Shared.NextBytes(sent);
        Task<byte[]> received = data.ReadToEndAsync();
        await data.WriteAsync(sent);
        await data.CompleteWritesAsync();

        Assert.Equal(sent, await received.Within());
        Assert.Empty(await error.ReadToEndAsync());
        Assert.False(_server.Completion.IsCompleted);
    }

    [Fact]
    public async Task Connections_Several_AreEachTheirOwn()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async number =>
        {
            SpdyStream data = Open("data", "80", $"{number}");
            SpdyStream error = Open("error", "80", $"{number}");
            await data.SendAsync($"hello {number}");
            await data.CompleteWritesAsync();
            Assert.Equal($"hello {number}", await data.ReadTextAsync());
            Assert.Empty(await error.ReadToEndAsync());
        })).Within();
    }

    [Fact]
    public async Task Connection_ToADeafPort_IsExplainedAndOthersGoOn()
    {
        SpdyStream error = Open("error", "81", "0");
        SpdyStream data = Open("data", "81", "0");

        Assert.Equal("nobody listens on 81", await error.ReadTextAsync());
        Assert.Empty(await data.ReadToEndAsync());
        await Connection_ToAListeningPort_CarriesBothWaysAndHalfCloses();
    }

    // Clients from before request IDs open the data stream right behind its error stream.
    [Fact]
    public async Task Pair_WithoutRequestIds_IsFoundByItsNumbers()
    {
        SpdyStream error = Open("error", "80");
        SpdyStream data = Open("data", "80");
        await data.SendAsync("old");
        await data.CompleteWritesAsync();

        Assert.Equal("old", await data.ReadTextAsync());
        Assert.Empty(await error.ReadToEndAsync());
    }

    [Theory]
    [InlineData("data", "0")]
    [InlineData("data", "65536")]
    [InlineData("data", "http")]
    [InlineData("data", "-1")]
    [InlineData("stdin", "80")]
    public async Task Stream_ThatMakesNoSense_IsReset(string type, string port)
    {
        SpdyStream stream = Open(type, port, "0");

        Assert.Empty(await stream.ReadToEndAsync());
        Assert.True(stream.Aborted.IsCancellationRequested);
    }

    [Fact]
    public async Task Half_ThatComesTwice_IsReset()
    {
        Open("error", "80", "0");
        SpdyStream twice = Open("error", "80", "0");
        Assert.Empty(await twice.ReadToEndAsync());
        SpdyStream data = Open("data", "80", "0");
        await data.SendAsync("x");
        await data.CompleteWritesAsync();
        Assert.Equal("x", await data.ReadTextAsync());
    }

    [Fact]
    public async Task Client_ResetsOrLeaves_ClosesThePodsEnd()
    {
        Open("error", "80", "0");
        SpdyStream one = Open("data", "80", "0");
        Open("error", "80", "1");
        SpdyStream other = Open("data", "80", "1");
        await one.SendAsync("x");
        await other.SendAsync("y");
        await one.ReadAsync(1);
        await other.ReadAsync(1);
        Assert.Equal(2, _ports.Open);
        one.Reset(SpdyResetStatus.Cancel);
        await _transport.DisposeAsync();
        await _serving.Within();

        Assert.Equal(0, _ports.Open);
    }

    [Fact]
    public async Task Stop_OfThePod_EndsEverything()
    {
        Open("error", "80", "0");
        SpdyStream data = Open("data", "80", "0");
        Open("error", "80", "1");
        await data.SendAsync("x");
        await data.ReadAsync(1);
        await _stop.CancelAsync();
        await _serving.Within();

        Assert.Equal(0, _ports.Open);
        Assert.Empty(await data.ReadToEndAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _transport.DisposeAsync();
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        await _serving;
    }

    private SpdyStream Open(string type, string port, string? request = null)
    {
        var headers = new Dictionary<string, string> { ["streamtype"] = type, ["port"] = port };
        if (request is not null)
        {
            headers["requestid"] = request;
        }

        return _client.Open(headers);
    }
}
