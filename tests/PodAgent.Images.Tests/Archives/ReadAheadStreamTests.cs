using PodAgent.Images.Archives;

namespace PodAgent.Images.Tests.Archives;

public sealed class ReadAheadStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128 * 1024)]
    [InlineData(3_000_001)]
    public void Read_AnyLength_GivesTheSourcesBytesThenTheEnd(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        using var ahead = new ReadAheadStream(new MemoryStream(content), new CancellationTokenSource());
        var read = new MemoryStream();

        ahead.CopyTo(read, 77_777);

        Assert.Equal(content, read.ToArray());
        Assert.Equal(0, ahead.Read(new byte[1], 0, 1));
    }

    [Fact]
    public void Read_SourceFails_TheFailureComesBehindWhatWasReadBefore()
    {
        using var ahead = new ReadAheadStream(new FailingStream(after: 1_000_000), new CancellationTokenSource());
        byte[] buffer = new byte[1_000_000];

        ahead.ReadExactly(buffer);

        Assert.Equal("broken", Assert.Throws<IOException>(() => ahead.Read(buffer, 0, 1)).Message);
        Assert.Throws<IOException>(() => ahead.Read(buffer, 0, 1));
    }

    [Fact]
    public void Dispose_WhileTheSourceWaits_StopsItAndReturns()
    {
        using var stop = new CancellationTokenSource();
        var source = new WaitingStream(stop.Token);
        var ahead = new ReadAheadStream(source, stop);
        source.Entered.Wait();

        ahead.Dispose();

        Assert.True(source.Left);
    }

    [Fact]
    public void Dispose_WhileAllBuffersAreFull_Returns()
    {
        using var stop = new CancellationTokenSource();
        var source = new EndlessStream();
        var ahead = new ReadAheadStream(source, stop);
        Assert.Equal(1, ahead.Read(new byte[1], 0, 1));

        ahead.Dispose();

        Assert.True(stop.IsCancellationRequested);
        long read = source.Count;
        Assert.InRange(read, 1, 2 << 20);
    }

    [Fact]
    public void Read_CancelledFromOutside_IsNoEnd()
    {
        using var stop = new CancellationTokenSource();
        using var ahead = new ReadAheadStream(new WaitingStream(stop.Token), stop);

        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => ahead.Read(new byte[1], 0, 1));
    }

    private sealed class FailingStream(int after) : ReadOnlyStream
    {
        private int _left = after;

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, _left);
            _left -= count;
            return count > 0 ? count : throw new IOException("broken");
        }
    }

    private sealed class EndlessStream : ReadOnlyStream
    {
        public long Count { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            Count += buffer.Length;
            return buffer.Length;
        }
    }

    private sealed class WaitingStream(CancellationToken ct) : ReadOnlyStream
    {
        public ManualResetEventSlim Entered { get; } = new();

        public bool Left { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            Entered.Set();
            ct.WaitHandle.WaitOne();
            Left = true;
            throw new OperationCanceledException(ct);
        }
    }
}
