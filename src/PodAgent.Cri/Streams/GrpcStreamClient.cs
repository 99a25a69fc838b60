using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cri.Streams;

/// <summary>A client of podagent.v1.ContainerStreamService. Both outputs share the call, which takes one message at a time.</summary>
/// <param name="requests">What the client sends, after its first message.</param>
/// <param name="input">The input in a request; null: it has none.</param>
/// <param name="responses">What it gets.</param>
internal sealed class GrpcStreamClient<TRequest>(
    IAsyncStreamReader<TRequest> requests, Func<TRequest, StreamInput?> input, IServerStreamWriter<ExecResponse> responses) : IStreamClient
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task CopyOutputAsync(Stream output, bool isError, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 << 10];
        int read;
        while ((read = await output.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            await WriteOutputAsync(buffer.AsMemory(0, read), isError, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task WriteOutputAsync(ReadOnlyMemory<byte> data, bool isError, CancellationToken cancellationToken)
    {
        // Copied: the message may be sent after this returns.
        var copy = ByteString.CopyFrom(data.Span);
        return WriteAsync(isError ? new ExecResponse { Stderr = copy } : new ExecResponse { Stdout = copy }, cancellationToken);
    }

    public async Task ReadInputAsync(InputPump pump, CancellationToken cancellationToken)
    {
        while (await requests.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            switch (input(requests.Current))
            {
                case { InputCase: StreamInput.InputOneofCase.Stdin } data:
                    await pump.WriteAsync(data.Stdin.Memory, cancellationToken).ConfigureAwait(false);
                    break;
                case { InputCase: StreamInput.InputOneofCase.CloseStdin, CloseStdin: true }:
                    await pump.CloseAsync().ConfigureAwait(false);
                    break;
                case { InputCase: StreamInput.InputOneofCase.Resize } window:
                    await pump.ResizeAsync(window.Resize).ConfigureAwait(false);
                    break;
            }
        }

        await pump.CloseAsync().ConfigureAwait(false);
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
