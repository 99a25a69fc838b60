using Grpc.Core;
using PodAgent.Rpc.Server;

namespace PodAgent.Rpc.InProcess;

/// <summary>The responses, at the handler's end.</summary>
internal sealed class ResponseWriter<T>(MessagePipe<T> pipe, InProcessCallContext context, CallLifetime lifetime) : IServerStreamWriter<T>
    where T : class
{
    private readonly Lock _lock = new();
    private Task _write = Task.CompletedTask;

    public WriteOptions? WriteOptions
    {
        get => context.WriteOptions;
        set => context.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        lock (_lock)
        {
            if (!_write.IsCompleted)
            {
                throw new InvalidOperationException("cannot write the message: the previous write is still running");
            }

            return _write = WriteCoreAsync(message, cancellationToken);
        }
    }

    private async Task WriteCoreAsync(T message, CancellationToken cancellationToken)
    {
        lifetime.Token.ThrowIfCancellationRequested();
        cancellationToken.ThrowIfCancellationRequested();
        context.PrepareHeaders();
        using CancellationTokenSource? both = cancellationToken.CanBeCanceled && cancellationToken != lifetime.Token
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.Token)
            : null;
        if (!await pipe.TryWriteAsync(message, both?.Token ?? lifetime.Token).ConfigureAwait(false))
        {
            lifetime.Token.ThrowIfCancellationRequested();
            throw new InvalidOperationException("cannot write the message: the call has ended");
        }
    }
}
