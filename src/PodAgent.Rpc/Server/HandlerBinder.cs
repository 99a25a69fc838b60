using Grpc.Core;

namespace PodAgent.Rpc.Server;

/// <summary>Collects the handlers of one service.</summary>
internal sealed class HandlerBinder : ServiceBinderBase
{
    internal List<RpcHandler> Handlers { get; } = [];

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        Handlers.Add(new UnaryHandler<TRequest, TResponse>(method, Check(method, handler)));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        Handlers.Add(new ClientStreamingHandler<TRequest, TResponse>(method, Check(method, handler)));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Handlers.Add(new ServerStreamingHandler<TRequest, TResponse>(method, Check(method, handler)));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        Handlers.Add(new DuplexStreamingHandler<TRequest, TResponse>(method, Check(method, handler)));

    private static T Check<T>(IMethod method, T? handler)
        where T : class =>
        handler ?? throw new ArgumentException($"the method \"{method.FullName}\" has no handler", nameof(handler));
}
