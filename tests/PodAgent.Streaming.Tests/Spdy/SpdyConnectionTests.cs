using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using PodAgent.Streaming.Spdy;
using PodAgent.Streaming.Tests.Support;

namespace PodAgent.Streaming.Tests.Spdy;

public sealed class SpdyConnectionTests : IAsyncDisposable
{
    private readonly MemoryTransport _clientTransport;
    private readonly MemoryTransport _serverTransport;
    private readonly SpdyConnection _client;
    private readonly SpdyConnection _server;

    public SpdyConnectionTests()
    {
        (_clientTransport, _serverTransport) = MemoryTransport.Pair(256 << 10);
        _client = SpdyConnection.Start(_clientTransport, SpdyRole.Client);
        _server = SpdyConnection.Start(_serverTransport, SpdyRole.Server);
    }

    [Fact]
    public async Task Open_Stream_HasItsHeadersAndIsAccepted()
    {
        (SpdyStream mine, SpdyStream theirs) = await OpenAsync(("streamtype", "stdin"), ("port", "80"));

        Assert.Equal(new Dictionary<string, string> { ["streamtype"] = "stdin", ["port"] = "80" }, theirs.Headers);
        Assert.Equal((1u, 1u), (mine.Id, theirs.Id));
        await mine.Replied.Within();
    }

    [Fact]
    public async Task Open_Several_HaveAscendingNumbers()
    {
        uint[] ids = [.. (await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => OpenAsync(("a", "b"))))).Select(pair => pair.Mine.Id).Order()];

        Assert.Equal([1u, 3u, 5u], ids);
    }

    [Fact]
    public async Task Data_BothWays_ArrivesWholeAndHalvesCloseByThemselves()
    {
        (SpdyStream mine, SpdyStream theirs) = await OpenAsync();
        byte[] request = RandomNumberGenerator.GetBytes(300_000);
        byte[] answer = RandomNumberGenerator.GetBytes(3_000_000);
        Task<byte[]> received = theirs.ReadToEndAsync();
        await mine.WriteAsync(request).AsTask().Within();
        await mine.CompleteWritesAsync();
        Assert.Equal(request, await received.Within());

        Task<byte[]> answered = mine.ReadToEndAsync();
        await theirs.WriteAsync(answer).AsTask().Within();
        await theirs.CompleteWritesAsync();
        Assert.Equal(answer, await answered.Within());
    }

    [Fact]
    public async Task Data_OnManyStreamsAtOnce_IsNotMixedUp()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            (SpdyStream mine, SpdyStream theirs) = await OpenAsync(("n", $"{number}"));
            byte[] data = RandomNumberGenerator.GetBytes(200_000 + number);
            Task<byte[]> echoed = mine.ReadToEndAsync();
            Task echo = theirs.CopyToAsync(theirs).ContinueWith(async _ => await theirs.CompleteWritesAsync(), TaskScheduler.Default).Unwrap();
            await mine.WriteAsync(data);
            await mine.CompleteWritesAsync();
            Assert.Equal(data, await echoed);
            await echo;
        })).Within();
    }

    [Fact]
    public async Task Reset_ByThePeer_IsTheEndForReadersAndAnErrorForWriters()
    {
        (SpdyStream mine, SpdyStream theirs) = await OpenAsync();
        await mine.SendAsync("last words");
        mine.Reset(SpdyResetStatus.Cancel);

        Assert.Equal("last words", await theirs.ReadTextAsync());
        await Assert.ThrowsAsync<IOException>(() => theirs.SendAsync("too late").AsTask());
        Assert.True(theirs.Aborted.IsCancellationRequested);
    }

    [Fact]
    public async Task Transport_Ends_EndsEveryStream()
    {
        (SpdyStream mine, SpdyStream theirs) = await OpenAsync();
        await _clientTransport.DisposeAsync();

        Assert.Equal("", await theirs.ReadTextAsync());
        await _server.Completion.Within();
        Assert.Null(_server.Failure);
        await Assert.ThrowsAsync<IOException>(() => theirs.SendAsync("too late").AsTask());
        mine.Dispose();
    }

    [Fact]
    public async Task Dispose_Server_TellsTheClientAndEndsItsStreams()
    {
        (SpdyStream mine, _) = await OpenAsync();
        Task disposed = _server.DisposeAsync().AsTask();
        await _client.DisposeAsync();
        await disposed.Within();

        Assert.Equal("", await mine.ReadTextAsync());
        Assert.Throws<IOException>(() => _client.Open(new Dictionary<string, string>()));
    }

    [Fact]
    public async Task Ping_Live_IsAnswered()
    {
        await OpenAsync();
        await Task.WhenAll(_client.PingAsync(CancellationToken.None), _client.PingAsync(CancellationToken.None), _server.PingAsync(CancellationToken.None)).Within();
    }

    // Both sides write more than the transport holds (not more than the streams do), and neither reads streams meanwhile: answers must still get through.
    [Fact]
    public async Task Write_BothSidesFull_PingsStillMove()
    {
        (SpdyStream mine, SpdyStream theirs) = await OpenAsync();
        Task one = mine.WriteAsync(new byte[900_000]).AsTask();
        Task other = theirs.WriteAsync(new byte[900_000]).AsTask();

        await _client.PingAsync(CancellationToken.None).Within();
        await _server.PingAsync(CancellationToken.None).Within();
        Task<byte[]> atServer = theirs.ReadAsync(900_000);
        Task<byte[]> atClient = mine.ReadAsync(900_000);
        await Task.WhenAll(one, other, atServer, atClient).Within();
    }

    [Fact]
    public async Task Open_BeyondTheLimit_IsRefusedAndTheRestGoesOn()
    {
        (MemoryTransport clientTransport, MemoryTransport serverTransport) = MemoryTransport.Pair();
        await using var client = SpdyConnection.Start(clientTransport, SpdyRole.Client);
        await using var server = SpdyConnection.Start(serverTransport, SpdyRole.Server, new SpdyLimits { Streams = 2 });
        SpdyStream[] streams = [.. Enumerable.Range(0, 3).Select(_ => client.Open(new Dictionary<string, string>()))];

        await streams[0].Replied.Within();
        await streams[1].Replied.Within();
        await Assert.ThrowsAsync<IOException>(() => streams[2].Replied.Within());
        await clientTransport.DisposeAsync();
    }

    [Fact]
    public void Data_AnyPiecesOfAnySize_ArriveInOrder() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[][]>(),
        pieces =>
        {
            (SpdyStream mine, SpdyStream theirs) = OpenAsync().GetAwaiter().GetResult();
            Task<byte[]> received = theirs.ReadToEndAsync();
            foreach (byte[] piece in pieces)
            {
                mine.WriteAsync(piece).AsTask().GetAwaiter().GetResult();
            }

            mine.CompleteWritesAsync().AsTask().GetAwaiter().GetResult();
            Assert.Equal(pieces.SelectMany(piece => piece), received.GetAwaiter().GetResult());
            theirs.Reset(SpdyResetStatus.Cancel);
        }).QuickCheckThrowOnFailure();

    public async ValueTask DisposeAsync()
    {
        await _clientTransport.DisposeAsync();
        await _serverTransport.DisposeAsync();
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    private readonly SemaphoreSlim _opening = new(1);

    private async Task<(SpdyStream Mine, SpdyStream Theirs)> OpenAsync(params (string Name, string Value)[] headers)
    {
        await _opening.WaitAsync();
        try
        {
            SpdyStream mine = _client.Open(headers.ToDictionary(header => header.Name, header => header.Value));
            return (mine, await _server.Incoming.ReadAsync().AsTask().Within());
        }
        finally
        {
            _opening.Release();
        }
    }
}
