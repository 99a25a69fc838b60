using Grpc.Core;

namespace PodAgent.Rpc.Server;

internal sealed class ClientStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse> implementation)
    : RpcHandler<TRequest, TResponse>(method)
    where TRequest : class
    where TResponse : class
{
    internal override async Task InvokeAsync(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    {
        TResponse response = await implementation(requests, context).ConfigureAwait(false);
        await WriteSingleAsync(responses, response, context).ConfigureAwait(false);
    }
}
