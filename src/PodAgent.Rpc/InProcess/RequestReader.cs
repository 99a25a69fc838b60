using Grpc.Core;
using PodAgent.Rpc.Server;

namespace PodAgent.Rpc.InProcess;

/// <summary>The requests, at the handler's end.</summary>
internal sealed class RequestReader<T>(MessagePipe<T> pipe, CallLifetime lifetime) : IAsyncStreamReader<T>
    where T : class
{
    private T? _current;

    public T Current => _current ?? throw new InvalidOperationException("there is no current request");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        lifetime.Token.ThrowIfCancellationRequested();
        using CancellationTokenSource? both = cancellationToken.CanBeCanceled && cancellationToken != lifetime.Token
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.Token)
            : null;
        _current = await pipe.ReadAsync(both?.Token ?? lifetime.Token).ConfigureAwait(false);
        if (_current is not null)
        {
            return true;
        }

        // The requests of a cancelled call end as well, and that is no ordinary end.
        lifetime.Token.ThrowIfCancellationRequested();
        return false;
    }
}
