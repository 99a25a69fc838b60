using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Streaming;

namespace PodAgent.Cri.Streams;

/// <summary>The client's end of a forwarded connection that travels over a gRPC call.</summary>
internal sealed class ForwardCallStream(IAsyncStreamReader<ForwardRequest> requests, IServerStreamWriter<ForwardResponse> responses) : AsyncByteStream
{
    private ReadOnlyMemory<byte> _rest;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (!await requests.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }

            _rest = requests.Current.Data.Memory;
        }

        int count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await responses.WriteAsync(new ForwardResponse { Data = ByteString.CopyFrom(buffer.Span) }, cancellationToken).ConfigureAwait(false);

    /// <summary>The pod sends nothing more; the call itself goes on as long as the client sends.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken) =>
        await responses.WriteAsync(new ForwardResponse { End = true }, cancellationToken).ConfigureAwait(false);
}
