using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Server;

/// <summary>The requests of a call over HTTP/2.</summary>
internal sealed class HttpStreamReader<T>(MessageReader reader, Marshaller<T> marshaller, CallLifetime lifetime) : IAsyncStreamReader<T>
    where T : class
{
    private T? _current;
    private bool _atEnd;

    public T Current => _current ?? throw new InvalidOperationException("there is no current request");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        lifetime.Token.ThrowIfCancellationRequested();
        if (_atEnd)
        {
            _current = null;
            return false;
        }

        using CancellationTokenSource? both = cancellationToken.CanBeCanceled && cancellationToken != lifetime.Token
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.Token)
            : null;
        try
        {
            _current = await reader.ReadAsync(marshaller, both?.Token ?? lifetime.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            // The transport says "reset" in its own words, maybe before it raises its token; for a handler it is a cancelled call.
            lifetime.End(new Status(StatusCode.Cancelled, "the client cancelled the call", e));
            throw new OperationCanceledException("the client cancelled the call", e, lifetime.Token);
        }

        _atEnd = _current is null;
        return !_atEnd;
    }
}
