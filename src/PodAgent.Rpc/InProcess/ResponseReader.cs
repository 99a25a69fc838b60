using Grpc.Core;

namespace PodAgent.Rpc.InProcess;

/// <summary>The responses, at the client's end.</summary>
internal sealed class ResponseReader<TRequest, TResponse>(InProcessCall<TRequest, TResponse> call) : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private TResponse? _current;

    public TResponse Current => _current ?? throw new InvalidOperationException("there is no current response");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        // As over the network: giving up a read gives up the call.
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((InProcessCall<TRequest, TResponse>)state!).Cancel(), call);
        _current = await call.ReadAsync().ConfigureAwait(false);
        return _current is not null;
    }
}
