using Grpc.Core;

namespace PodAgent.Rpc.Server;

internal sealed class UnaryHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse> implementation)
    : RpcHandler<TRequest, TResponse>(method)
    where TRequest : class
    where TResponse : class
{
    internal override async Task InvokeAsync(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    {
        TRequest request = await ReadSingleAsync(requests, context).ConfigureAwait(false);
        TResponse response = await implementation(request, context).ConfigureAwait(false);
        await WriteSingleAsync(responses, response, context).ConfigureAwait(false);
    }
}
