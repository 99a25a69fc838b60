using System.Buffers;
using System.IO.Pipelines;

namespace PodAgent.Cri.Streams;

/// <summary>A connection's two pipes as one stream.</summary>
/// <param name="transport">The pipes; they stay the caller's.</param>
internal sealed class TransportStream(IDuplexPipe transport) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ReadResult read = await transport.Input.ReadAsync(cancellationToken).ConfigureAwait(false);
        int length = (int)Math.Min(read.Buffer.Length, buffer.Length);
        ReadOnlySequence<byte> some = read.Buffer.Slice(0, length);
        some.CopyTo(buffer.Span);

        // From here on the sequence's memory is others'; even its length is not to be asked for.
        transport.Input.AdvanceTo(some.End);
        return length;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await transport.Output.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("this stream is asynchronous");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("this stream is asynchronous");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
