using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cri.Streams;

/// <summary>
/// Copies output of a process to a call. The next piece is read when the client has taken the last one, so a slow client slows the
/// process down as a slow terminal would. Two streams share the call, which takes one message at a time.
/// </summary>
internal sealed class OutputPump(IServerStreamWriter<ExecResponse> responses)
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task CopyAsync(Stream output, bool isError, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[32 << 10];
        int read;
        while ((read = await output.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            // Copied: the message may be sent after this returns.
            var data = ByteString.CopyFrom(buffer, 0, read);
            await WriteAsync(isError ? new ExecResponse { Stderr = data } : new ExecResponse { Stdout = data }, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    public async Task WriteAsync(ExecResponse response, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await responses.WriteAsync(response, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}
