using Grpc.Core;

namespace PodAgent.Rpc.Server;

internal sealed class DuplexStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse> implementation)
    : RpcHandler<TRequest, TResponse>(method)
    where TRequest : class
    where TResponse : class
{
    internal override Task InvokeAsync(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context) =>
        implementation(requests, responses, context);
}
