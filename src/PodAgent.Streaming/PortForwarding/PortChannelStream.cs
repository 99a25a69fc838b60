using System.IO.Pipelines;

namespace PodAgent.Streaming.PortForwarding;

/// <summary>Both directions of a data channel as one stream.</summary>
internal sealed class PortChannelStream(PipeReader input, Stream output) : AsyncByteStream
{
    private readonly Stream _input = input.AsStream(leaveOpen: true);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);
}
