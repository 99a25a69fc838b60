using PodAgent.Streaming.Spdy;
using PodAgent.Streaming.Tests.Support;

namespace PodAgent.Streaming.Tests.Spdy;

/// <summary>A server, byte by byte.</summary>
public sealed class SpdyWireTests : IAsyncDisposable
{
    private const string SynStream1 = "8003000100000028" + "00000001" + "00000000" + "0000" + "78f9e3c6a7c202a62346703a2b294a4dcc851625aca9a08006000000ffff";
    private const string SynReply1 = "8003000200000014" + "00000001" + "7801000400FBFF00000000000000FFFF";

    private readonly MemoryTransport _peer;
    private readonly MemoryTransport _transport;
    private readonly SpdyConnection _server;

    public SpdyWireTests()
    {
        (_peer, _transport) = MemoryTransport.Pair();
        _server = SpdyConnection.Start(_transport, SpdyRole.Server, new SpdyLimits { UnsentAnswers = 8 });
    }

    [Fact]
    public async Task Start_BeforeThePeerSpeaks_SaysNothing()
    {
        using var silence = new CancellationTokenSource();
        ValueTask<int> reading = _peer.ReadAsync(new byte[1], silence.Token);
        await SendAsync("");
        Assert.False(reading.IsCompleted);
        await silence.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(reading.AsTask);
    }

    [Fact]
    public async Task SynStream_OfGo_IsAnsweredAtOnceAndCarriesData()
    {
        await SendAsync(SynStream1);
        Assert.Equal(SynReply1, await ReceiveAsync(28));
        SpdyStream stream = await _server.Incoming.ReadAsync();
        Assert.Equal("error", stream.Headers["streamtype"]);

        await SendAsync("0000000100000003" + "616263" + "0000000101000001" + "64");
        Assert.Equal("abcd", await stream.ReadTextAsync());

        await stream.SendAsync("xyz");
        await stream.CompleteWritesAsync();
        Assert.Equal("0000000100000003" + "78797A" + "0000000101000000", await ReceiveAsync(19));
    }

    [Fact]
    public async Task Ping_OfTheClient_IsEchoed()
    {
        await SendAsync("8003000600000004" + "00000007");
        Assert.Equal("800300060000000400000007", await ReceiveAsync(12));
    }

    [Fact]
    public async Task Reset_OfTheServer_IsOneFrame()
    {
        await SendAsync(SynStream1);
        await ReceiveAsync(28);
        (await _server.Incoming.ReadAsync()).Reset(SpdyResetStatus.Cancel);
        Assert.Equal("8003000300000008" + "00000001" + "00000005", await ReceiveAsync(16));

        // The peer did not know yet: what comes on that stream is dropped.
        await SendAsync("0000000100000003616263" + "8003000600000004" + "00000001");
        Assert.Equal("800300060000000400000001", await ReceiveAsync(12));
    }

    [Fact]
    public async Task Windows_PeerThatHeedsThem_AreFilledAndKept()
    {
        // SETTINGS_INITIAL_WINDOW_SIZE of 4 bytes.
        await SendAsync("800300040000000C" + "00000001" + "0000000700000004");
        await ReceiveAsync(16);
        await SendAsync(SynStream1);
        await ReceiveAsync(28);
        await ReceiveAsync(16);
        SpdyStream stream = await _server.Incoming.ReadAsync();
        Task writing = stream.SendAsync("abcdefgh").AsTask();
        Assert.Equal("0000000100000004" + "61626364", await ReceiveAsync(12));
        Assert.False(writing.IsCompleted);

        await SendAsync("8003000900000008" + "00000001" + "00000008");
        Assert.Equal("0000000100000004" + "65666768", await ReceiveAsync(12));
        await writing.Within();
    }

    [Fact]
    public async Task Windows_PeerThatNeverSpeaksOfThem_AreNotKept()
    {
        await SendAsync(SynStream1);
        await ReceiveAsync(28);
        SpdyStream stream = await _server.Incoming.ReadAsync();
        await stream.WriteAsync(new byte[200_000]).AsTask().Within();

        // And none are told: it would not know what to do with them.
        await SendAsync("00000001" + "00" + "01869F" + new string('0', 2 * 0x1869F));
        await stream.ReadAsync(0x1869F);
        byte[] sent = await _peer.ReadAsync(200_000 + (4 * 8));
        Assert.Equal(0, sent[^1]);
        await SendAsync("8003000600000004" + "00000001");
        Assert.Equal("800300060000000400000001", await ReceiveAsync(12));
    }

    [Fact]
    public async Task GoAway_ThenEnd_IsPeace()
    {
        await SendAsync("8003000700000008" + "00000000" + "00000000");
        await _peer.DisposeAsync();
        await _server.Completion.Within();
        Assert.Null(_server.Failure);
    }

    [Fact]
    public async Task UnknownControlFrame_IsIgnored()
    {
        await SendAsync("800300FF00000002" + "ABCD" + "8003000600000004" + "00000001");
        Assert.Equal("800300060000000400000001", await ReceiveAsync(12));
    }

    [Theory]
    [InlineData("8002000600000004" + "00000001", "version 2")]
    [InlineData("80030001000FFFFF", "longer than")]
    [InlineData("0000000900000001", "never opened")]
    [InlineData("0000000000000001", "never opened")]
    [InlineData("8003000600000002" + "0001", "too short")]
    [InlineData("8003000100000004" + "00000001", "too short")]
    [InlineData("8003000300000004" + "00000001", "too short")]
    [InlineData("8003000400000008" + "00000009" + "00000000", "9 entries")]
    [InlineData("8003000100000028" + "00000002" + "00000000" + "0000" + "78f9e3c6a7c202a62346703a2b294a4dcc851625aca9a08006000000ffff", "stream 2 cannot be opened")]
    [InlineData("800300010000001A" + "00000001" + "00000000" + "0000" + "7801000400fbff00000001000000ffff", "1 headers")]
    [InlineData(SynStream1 + "8003000100000017" + "00000001" + "00000000" + "0000" + "c22e555c02cc2e00000000ffff", "stream 1 cannot be opened")]
    [InlineData(SynStream1 + "0000000101000000" + "0000000100000001", "after its end")]
    [InlineData("8003000900000008" + "00000000" + "7FFFFFFF", "grows beyond")]
    public async Task Violation_OfAnyKind_EndsTheConnectionWithGoAway(string bytes, string why)
    {
        await SendAsync(bytes);
        string all = Convert.ToHexString(await ReadUntilGoAwayAsync());
        await _server.Completion.Within();

        Assert.EndsWith("00000001", all, StringComparison.Ordinal);
        Assert.Contains(why, Assert.IsType<SpdyProtocolException>(_server.Failure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task End_WithinAFrame_IsAFailure()
    {
        await SendAsync("80030006000000");
        await _peer.DisposeAsync();
        await _server.Completion.Within();
        Assert.IsType<EndOfStreamException>(_server.Failure);
    }

    [Fact]
    public async Task Flood_OfPingsWhoseAnswersNobodyReads_IsCutOff()
    {
        (MemoryTransport peer, MemoryTransport transport) = MemoryTransport.Pair(64);
        await using var server = SpdyConnection.Start(transport, SpdyRole.Server, new SpdyLimits { UnsentAnswers = 8 });
        byte[] ping = Convert.FromHexString("800300060000000400000001");
        using var enough = new CancellationTokenSource();
        Task flood = Task.Run(async () =>
        {
            while (true)
            {
                await peer.WriteAsync(ping, enough.Token);
            }
        });
        await server.Completion.Within();
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flood);
        Assert.Contains("8 answers wait", server.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_PeerThatReadsNothing_DoesNotWaitForIt()
    {
        // A farewell of 16 bytes does not fit.
        (MemoryTransport _, MemoryTransport transport) = MemoryTransport.Pair(8);
        SpdyConnection server = SpdyConnection.Start(transport, SpdyRole.Server);

        await server.DisposeAsync().AsTask().Within();

        Assert.True(server.Completion.IsCompleted);
    }

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        await _server.DisposeAsync();
    }

    private ValueTask SendAsync(string hex) => _peer.WriteAsync(Convert.FromHexString(hex));

    private async Task<string> ReceiveAsync(int count) => Convert.ToHexString(await _peer.ReadAsync(count));

    private async Task<byte[]> ReadUntilGoAwayAsync()
    {
        var all = new List<byte>();
        while (all.Count < 16 || Convert.ToHexString([.. all[^16..^8]]) != "8003000700000008")
        {
            all.AddRange(await _peer.ReadAsync(1));
        }

        return [.. all];
    }
}
