using Grpc.Core;

namespace PodAgent.Rpc.Server;

/// <summary>Runs handlers and decides on the status; the same for every transport.</summary>
internal static class CallExecution
{
    /// <summary>What a client learns about an exception that nobody mapped.</summary>
    internal const string UnmappedMessage = "Exception was thrown by handler";

    /// <summary>Runs the handler to its end; never throws.</summary>
    internal static async Task<CallOutcome> RunAsync<TRequest, TResponse>(
        RpcHandler<TRequest, TResponse> handler,
        IAsyncStreamReader<TRequest> requests,
        IServerStreamWriter<TResponse> responses,
        ServerCallContext context,
        CallLifetime lifetime,
        RpcServerOptions options)
        where TRequest : class
        where TResponse : class
    {
        try
        {
            await handler.InvokeAsync(requests, responses, context).ConfigureAwait(false);
            return new CallOutcome(context.Status, context.ResponseTrailers, null);
        }
        catch (Exception e)
        {
            return Map(e, context, lifetime, options);
        }
    }

    private static CallOutcome Map(Exception exception, ServerCallContext context, CallLifetime lifetime, RpcServerOptions options)
    {
        // A call that was ended early fails in many ways (cancelled reads, broken pipes); its status is the reason for the end.
        if (lifetime.EarlyStatus is { } early)
        {
            return new CallOutcome(early, context.ResponseTrailers, exception);
        }

        RpcException? mapped = exception as RpcException ?? options.ExceptionMapper?.Invoke(exception);
        if (mapped is null || mapped.StatusCode == StatusCode.OK)
        {
            return new CallOutcome(new Status(StatusCode.Unknown, UnmappedMessage), context.ResponseTrailers, exception);
        }

        Metadata trailers = context.ResponseTrailers;
        foreach (Metadata.Entry entry in mapped.Trailers)
        {
            trailers.Add(entry);
        }

        return new CallOutcome(mapped.Status, trailers, exception);
    }
}
