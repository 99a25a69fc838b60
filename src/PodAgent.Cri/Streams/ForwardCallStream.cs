using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cri.Streams;

/// <summary>The client's end of a forwarded connection that travels over a gRPC call.</summary>
internal sealed class ForwardCallStream(IAsyncStreamReader<ForwardRequest> requests, IServerStreamWriter<ForwardResponse> responses) : Stream
{
    private ReadOnlyMemory<byte> _rest;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
