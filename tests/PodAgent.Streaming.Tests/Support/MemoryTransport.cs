using System.IO.Pipelines;

namespace PodAgent.Streaming.Tests.Support;

/// <summary>Two ends of a connection in memory.</summary>
internal sealed class MemoryTransport : Stream
{
    private readonly Pipe _in;
    private readonly Pipe _out;
    private readonly Stream _reading;
    private readonly Stream _writing;

    private MemoryTransport(Pipe @in, Pipe @out)
    {
        _in = @in;
        _out = @out;
        _reading = @in.Reader.AsStream();
        _writing = @out.Writer.AsStream();
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <param name="room">Bytes that one direction holds before writing waits; 0: any number.</param>
    public static (MemoryTransport One, MemoryTransport Other) Pair(int room = 0)
    {
        var options = new PipeOptions(pauseWriterThreshold: room, resumeWriterThreshold: Math.Max(room / 2, room > 0 ? 1 : 0), useSynchronizationContext: false);
        var there = new Pipe(options);
        var back = new Pipe(options);
        return (new MemoryTransport(there, back), new MemoryTransport(back, there));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _reading.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        FlushResult result = await _out.Writer.WriteAsync(buffer, cancellationToken);
        if (result.IsCompleted)
        {
            throw new IOException("the other end is closed");
        }
    }

    public void CompleteWrites() => _out.Writer.Complete();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _out.Writer.Complete();
            _in.Reader.Complete();
        }

        base.Dispose(disposing);
    }
}
