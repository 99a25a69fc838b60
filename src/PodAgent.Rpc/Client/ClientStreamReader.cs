using Grpc.Core;

namespace PodAgent.Rpc.Client;

/// <summary>The responses of a call over HTTP/2.</summary>
internal sealed class ClientStreamReader<TRequest, TResponse>(HttpClientCall<TRequest, TResponse> call) : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private TResponse? _current;

    public TResponse Current => _current ?? throw new InvalidOperationException("there is no current response");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        // A read that was given up would leave half a message behind: giving up a read gives up the call.
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((IRunningCall)state!).Cancel(new Status(StatusCode.Cancelled, "the call was cancelled")), call);
        _current = await call.ReadAsync().ConfigureAwait(false);
        return _current is not null;
    }
}
