using Grpc.Core;

namespace PodAgent.Rpc.Server;

internal sealed class ServerStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse> implementation)
    : RpcHandler<TRequest, TResponse>(method)
    where TRequest : class
    where TResponse : class
{
    internal override async Task InvokeAsync(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    {
        TRequest request = await ReadSingleAsync(requests, context).ConfigureAwait(false);
        await implementation(request, responses, context).ConfigureAwait(false);
    }
}
