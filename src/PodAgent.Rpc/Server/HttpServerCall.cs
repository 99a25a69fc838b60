using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Server;

/// <summary>
/// One call over HTTP/2:
/// <list type="number">
/// <item>the request headers are checked; a request that breaks the protocol gets a status at once,</item>
/// <item>limits of the HTTP server that do not suit endless streams are lifted for this request,</item>
/// <item>the handler runs against its deadline, its client and the end of the server,</item>
/// <item>the status goes out, in the headers when nothing was sent before (Trailers-Only), else as trailers,</item>
/// <item>a handler that did not stop in time is waited for: the request belongs to it until it returns.</item>
/// </list>
/// </summary>
internal sealed class HttpServerCall<TRequest, TResponse>(
    HttpContext http, RpcHandler<TRequest, TResponse> handler, HttpCallEnvironment environment)
    where TRequest : class
    where TResponse : class
{
    private readonly RpcServerOptions _options = environment.Options;

    internal async Task RunAsync()
    {
        long start = _options.TimeProvider.GetTimestamp();

        // 1
        if (!HttpCallRequest.TryRead(http, _options.TimeProvider, out HttpCallRequest request, out CallOutcome refusal))
        {
            await HttpCallEnd.WriteAsync(http, refusal).ConfigureAwait(false);
            Report(refusal, start);
            return;
        }

        // 2
        LiftLimits();

        // 3
        using var lifetime = new CallLifetime(_options.TimeProvider, request.Deadline, http.RequestAborted);
        environment.RunningCalls.Add(lifetime);
        try
        {
            bool compress = _options.CompressResponses && request.AcceptsGzip;
            var context = new HttpServerCallContext(http, handler.Method, lifetime, request.Headers, compress);
            var reader = new HttpStreamReader<TRequest>(
                new MessageReader(http.Request.BodyReader, _options.MaxReceiveMessageSize, request.Encoding),
                handler.Method.RequestMarshaller,
                lifetime);
            bool streaming = handler.Method.Type is MethodType.ServerStreaming or MethodType.DuplexStreaming;
            var writer = new HttpStreamWriter<TResponse>(
                http.Response, handler.Method.ResponseMarshaller, context, lifetime, _options.MaxSendMessageSize, streaming);

            Task<CallOutcome> run = CallExecution.RunAsync(handler, reader, writer, context, lifetime, _options);
            if (!run.IsCompleted)
            {
                await Task.WhenAny(run, lifetime.EndedEarly).ConfigureAwait(false);
            }

            // The trailers of a handler that still runs are its own to change: they are not read.
            CallOutcome outcome = run.IsCompleted ? run.Result : new CallOutcome(lifetime.EndedEarly.Result, [], null);

            // 4
            await writer.EndAsync().ConfigureAwait(false);
            await context.EndAsync().ConfigureAwait(false);
            outcome = await SendStatusAsync(outcome, context).ConfigureAwait(false);

            Report(outcome, start);

            // 5
            await run.ConfigureAwait(false);
        }
        finally
        {
            environment.RunningCalls.Remove(lifetime);
        }
    }

    private async ValueTask<CallOutcome> SendStatusAsync(CallOutcome outcome, HttpServerCallContext context)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            return outcome;
        }

        try
        {
            return await HttpCallEnd.WriteAsync(http, outcome, context.BodyWritten).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client left while its status was on the way: the handler must still be waited for.
            return new CallOutcome(new Status(StatusCode.Cancelled, "the client left before the status"), [], outcome.Exception ?? e);
        }
    }

    private void LiftLimits()
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
        {
            bodySize.MaxRequestBodySize = null;
        }

        if (http.Features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinRequestBodyDataRateFeature>() is { } dataRate)
        {
            dataRate.MinDataRate = null;
        }
    }

    private void Report(CallOutcome outcome, long start) => _options.CallEnded?.Invoke(new RpcCallRecord(
        handler.Method.FullName,
        HttpPeer.Describe(http),
        outcome.Status,
        _options.TimeProvider.GetElapsedTime(start),
        outcome.Exception));
}
