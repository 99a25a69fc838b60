using Grpc.Core;

namespace PodAgent.Rpc.Client;

/// <summary>The requests of a call over HTTP/2.</summary>
internal sealed class ClientStreamWriter<TRequest, TResponse>(HttpClientCall<TRequest, TResponse> call) : IClientStreamWriter<TRequest>
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
            return _write = call.WriteAsync(message, WriteOptions?.Flags ?? default, cancellationToken);
        }
    }

    public Task CompleteAsync()
    {
        lock (_lock)
        {
            CheckIdle("complete the stream");
            _complete = true;
            call.CompleteRequests();
            return Task.CompletedTask;
        }
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
