using System.IO.Pipelines;
using System.Security.Cryptography;
using PodAgent.Cri.Streams;

namespace PodAgent.Cri.Tests.Streams;

public sealed class TransportStreamTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(5000)]
    [InlineData(1 << 20)]
    public async Task Read_AcrossSegments_GivesEveryByteOnce(int bufferSize)
    {
        // Small segments, so that one read spans several, whose memory goes back to the pool afterwards.
        var incoming = new Pipe(new PipeOptions(minimumSegmentSize: 16, pauseWriterThreshold: 0));
        byte[] sent = RandomNumberGenerator.GetBytes(20000);
        for (int i = 0; i < sent.Length; i += 1000)
        {
            Memory<byte> segment = incoming.Writer.GetMemory(1000);
            sent.AsMemory(i, 1000).CopyTo(segment);
            incoming.Writer.Advance(1000);
            await incoming.Writer.FlushAsync();
        }

        await incoming.Writer.CompleteAsync();
        await using var stream = new TransportStream(new Transport(incoming.Reader, new Pipe().Writer));
        var received = new MemoryStream();
        byte[] buffer = new byte[bufferSize];
        for (int length = await stream.ReadAsync(buffer); length > 0; length = await stream.ReadAsync(buffer))
        {
            received.Write(buffer, 0, length);
        }

        Assert.Equal(sent, received.ToArray());
    }

    [Fact]
    public async Task Write_GoesToTheOutput()
    {
        var outgoing = new Pipe();
        await using var stream = new TransportStream(new Transport(new Pipe().Reader, outgoing.Writer));

        await stream.WriteAsync("sent"u8.ToArray());

        Assert.Equal("sent"u8.ToArray(), (await outgoing.Reader.ReadAsync()).Buffer.FirstSpan.ToArray());
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
