using System.Buffers;
using System.IO.Pipelines;
using PodAgent.Streaming;

namespace PodAgent.Cri.Streams;

/// <summary>A connection's two pipes as one stream.</summary>
/// <param name="transport">The pipes; they stay the caller's.</param>
internal sealed class TransportStream(IDuplexPipe transport) : AsyncByteStream
{
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
}
