using Grpc.Core;
using PodAgent.Rpc.Protocol;
using PodAgent.Rpc.Server;

namespace PodAgent.Rpc.InProcess;

/// <summary>
/// One call inside of the process, both its ends. The status is decided once: by the handler, or before it by deadline
/// or cancellation; a handler that goes on after that finds its token cancelled and its streams shut.
/// </summary>
internal sealed class InProcessCall<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private readonly string? _host;
    private readonly CallOptions _client;
    private readonly RpcServerOptions _server;
    private readonly CallLifetime _lifetime;
    private readonly TaskCompletionSource<CallOutcome> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _start;

    internal InProcessCall(
        Method<TRequest, TResponse> method, string? host, CallOptions client, RpcServerOptions server, bool clone)
    {
        _method = method;
        _host = host;
        _client = client;
        _server = server;
        _start = server.TimeProvider.GetTimestamp();
        _lifetime = new CallLifetime(
            server.TimeProvider, client.Deadline?.ToUniversalTime() ?? DateTime.MaxValue, client.CancellationToken);
        Requests = new MessagePipe<TRequest>(method.RequestMarshaller, clone);
        Responses = new MessagePipe<TResponse>(method.ResponseMarshaller, clone);
    }

    /// <summary>From the client to the handler.</summary>
    internal MessagePipe<TRequest> Requests { get; }

    /// <summary>From the handler to the client.</summary>
    internal MessagePipe<TResponse> Responses { get; }

    internal WriteOptions? WriteOptions => _client.WriteOptions;

    internal Task<Metadata> ResponseHeadersAsync => _headers.Task;

    /// <summary>Starts the handler, by default on another thread: it may work for long before it waits for the first time.</summary>
    internal void Run(RpcHandler<TRequest, TResponse> handler, bool onCaller)
    {
        Metadata requestHeaders;
        try
        {
            requestHeaders = MetadataHeaders.Transfer(_client.Headers ?? Metadata.Empty);
        }
        catch (RpcException e)
        {
            Refuse(e.Status);
            return;
        }

        var context = new InProcessCallContext(handler.Method, _host, _lifetime, requestHeaders, SendHeaders);
        _ = RunAsync(handler, context, onCaller);
    }

    /// <summary>Ends a call that does not get as far as a handler.</summary>
    internal void Refuse(Status status)
    {
        End(new CallOutcome(status, [], null));
        _lifetime.Dispose();
    }

    /// <summary>Ends the call from the client's side.</summary>
    internal void Cancel() => _lifetime.End(new Status(StatusCode.Cancelled, "the client cancelled the call"));

    internal async Task WriteRequestAsync(TRequest message)
    {
        try
        {
            if (!_ended.Task.IsCompleted && await Requests.TryWriteAsync(message, _lifetime.Token).ConfigureAwait(false))
            {
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The reason is the status.
        }

        throw ToException(await _ended.Task.ConfigureAwait(false));
    }

    internal async Task<TResponse?> ReadAsync()
    {
        try
        {
            if (await Responses.ReadAsync(_lifetime.Token).ConfigureAwait(false) is { } message)
            {
                return message;
            }
        }
        catch (OperationCanceledException)
        {
            // The reason is the status.
        }

        CallOutcome end = await _ended.Task.ConfigureAwait(false);
        return end.Status.StatusCode == StatusCode.OK ? null : throw ToException(end);
    }

    internal async Task<TResponse> ReadSingleAsync()
    {
        // The end before the response, which then is there: one wait instead of two.
        CallOutcome end = await _ended.Task.ConfigureAwait(false);
        TResponse? response = Responses.Take();
        return end.Status.StatusCode == StatusCode.OK && response is not null ? response : throw ToException(end);
    }

    internal Status GetStatus() => _ended.Task.IsCompleted
        ? _ended.Task.Result.Status
        : throw new InvalidOperationException($"the call of \"{_method.FullName}\" has not ended: it has no status yet");

    internal Metadata GetTrailers() => _ended.Task.IsCompleted
        ? _ended.Task.Result.Trailers
        : throw new InvalidOperationException($"the call of \"{_method.FullName}\" has not ended: it has no trailers yet");

    private static RpcException ToException(CallOutcome outcome) => new(outcome.Status, outcome.Trailers);

    private async Task RunAsync(RpcHandler<TRequest, TResponse> handler, InProcessCallContext context, bool onCaller)
    {
        using CallLifetime lifetime = _lifetime;
        if (lifetime.EndedEarly.IsCompleted)
        {
            End(new CallOutcome(await lifetime.EndedEarly.ConfigureAwait(false), [], null));
            return;
        }

        var reader = new RequestReader<TRequest>(Requests, lifetime);
        var writer = new ResponseWriter<TResponse>(Responses, context, lifetime);
        Task<CallOutcome> run = onCaller
            ? CallExecution.RunAsync(handler, reader, writer, context, lifetime, _server)
            : Task.Run(() => CallExecution.RunAsync(handler, reader, writer, context, lifetime, _server), CancellationToken.None);
        if (!run.IsCompleted)
        {
            await Task.WhenAny(run, lifetime.EndedEarly).ConfigureAwait(false);
        }

        // The trailers of a handler that still runs are its own to change: they are not read.
        CallOutcome outcome = run.IsCompleted ? run.Result : new CallOutcome(lifetime.EndedEarly.Result, [], null);
        context.End();
        End(outcome);
        await run.ConfigureAwait(false);
    }

    private void SendHeaders(Metadata headers) => _headers.TrySetResult(headers);

    private void End(CallOutcome outcome)
    {
        try
        {
            outcome = outcome with { Trailers = MetadataHeaders.Transfer(outcome.Trailers) };
        }
        catch (RpcException e)
        {
            outcome = new CallOutcome(e.Status, [], outcome.Exception ?? e);
        }

        // The order counts: whoever finds a pipe complete asks for the status next.
        _ended.TrySetResult(outcome);
        Requests.Complete();
        Responses.Complete();
        if (outcome.Status.StatusCode == StatusCode.OK)
        {
            _headers.TrySetResult([]);
        }
        else if (_headers.TrySetException(ToException(outcome)))
        {
            // Few callers look at the headers: a failure nobody asked for is not an unobserved one.
            _ = _headers.Task.Exception;
        }

        _server.CallEnded?.Invoke(new RpcCallRecord(
            _method.FullName,
            InProcessCallContext.PeerName,
            outcome.Status,
            _server.TimeProvider.GetElapsedTime(_start),
            outcome.Exception));
    }
}
