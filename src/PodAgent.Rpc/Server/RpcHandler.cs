using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace PodAgent.Rpc.Server;

/// <summary>A method with its implementation, without its message types.</summary>
internal abstract class RpcHandler(IMethod method)
{
    internal IMethod Method => method;

    /// <summary>Serves one HTTP/2 request.</summary>
    internal abstract Task HandleAsync(HttpContext http, HttpCallEnvironment environment);
}

/// <summary>
/// A method with its implementation. All four kinds are the same from the outside: requests are read, responses are written,
/// so that each transport is written once.
/// </summary>
internal abstract class RpcHandler<TRequest, TResponse>(Method<TRequest, TResponse> method) : RpcHandler(method)
    where TRequest : class
    where TResponse : class
{
    internal new Method<TRequest, TResponse> Method => method;

    internal abstract Task InvokeAsync(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context);

    internal override Task HandleAsync(HttpContext http, HttpCallEnvironment environment) =>
        new HttpServerCall<TRequest, TResponse>(http, this, environment).RunAsync();

    protected static async Task<TRequest> ReadSingleAsync(IAsyncStreamReader<TRequest> requests, ServerCallContext context)
    {
        if (!await requests.MoveNext(context.CancellationToken).ConfigureAwait(false))
        {
            throw new RpcException(new Status(StatusCode.Internal, $"the call of \"{context.Method}\" came without a request message"));
        }

        TRequest request = requests.Current;
        if (await requests.MoveNext(context.CancellationToken).ConfigureAwait(false))
        {
            throw new RpcException(new Status(
                StatusCode.Internal, $"the call of \"{context.Method}\" came with more than one request message"));
        }

        return request;
    }

    protected static async Task WriteSingleAsync(IServerStreamWriter<TResponse> responses, TResponse? response, ServerCallContext context)
    {
        // A handler that sets a failure as status has no response to give.
        if (context.Status.StatusCode == StatusCode.OK)
        {
            await responses.WriteAsync(response ?? throw new InvalidOperationException(
                $"the handler of \"{context.Method}\" returned null")).ConfigureAwait(false);
        }
    }
}
