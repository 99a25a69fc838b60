using Grpc.Core;

namespace PodAgent.Rpc.InProcess;

/// <summary>The requests, at the client's end.</summary>
internal sealed class RequestWriter<TRequest, TResponse>(InProcessCall<TRequest, TResponse> call) : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    private readonly Lock _lock = new();
    private Task _write = Task.CompletedTask;
    private bool _complete;

    public WriteOptions? WriteOptions { get; set; } = call.WriteOptions;

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        lock (_lock)
        {
            CheckIdle("write the message");
            return _write = WriteCoreAsync(message, cancellationToken);
        }
    }

    public Task CompleteAsync()
    {
        lock (_lock)
        {
            CheckIdle("complete the stream");
            _complete = true;
            call.Requests.Complete();
            return Task.CompletedTask;
        }
    }

    private async Task WriteCoreAsync(TRequest message, CancellationToken cancellationToken)
    {
        // As over the network: giving up a write gives up the call.
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((InProcessCall<TRequest, TResponse>)state!).Cancel(), call);
        await call.WriteRequestAsync(message).ConfigureAwait(false);
    }

    private void CheckIdle(string operation)
    {
        if (_complete)
        {
            throw new InvalidOperationException($"cannot {operation}: the request stream is complete");
        }

        if (!_write.IsCompleted)
        {
            throw new InvalidOperationException($"cannot {operation}: the previous write is still running");
        }
    }
}
