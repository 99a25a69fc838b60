using Grpc.Core;

namespace PodAgent.Pods.Runtime;

/// <summary>
/// Gives every call of the runtime a deadline, as the kubelet's runtimeRequestTimeout does, so that one that hangs holds up nothing for ever.
/// What a call itself is asked to wait for comes on top; a pull, and a command without a limit, may take as long as they like.
/// </summary>
internal sealed class DeadlineCallInvoker : CallInvoker
{
    private readonly CallInvoker _inner;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;

    /// <param name="inner">Carries the calls.</param>
    /// <param name="time">Its clock, too.</param>
    /// <param name="timeout">How long a call may take that waits for nothing by itself.</param>
    public DeadlineCallInvoker(CallInvoker inner, TimeProvider time, TimeSpan timeout)
    {
        _inner = inner;
        _time = time;
        _timeout = timeout;
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        AsyncUnaryCall(method, host, options, request).GetAwaiter().GetResult();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        if (options.Deadline is not null || LimitOf(request) is not { } limit)
        {
            return _inner.AsyncUnaryCall(method, host, options, request);
        }

        AsyncUnaryCall<TResponse> call = _inner.AsyncUnaryCall(
            method, host, options.WithDeadline(_time.GetUtcNow().UtcDateTime + limit), request);
        return call.ResponseAsync.IsCompletedSuccessfully
            ? call
            : new AsyncUnaryCall<TResponse>(
                ExplainAsync(call.ResponseAsync, method, limit), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        _inner.AsyncServerStreamingCall(method, host, options, request);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        _inner.AsyncClientStreamingCall(method, host, options);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        _inner.AsyncDuplexStreamingCall(method, host, options);

    private TimeSpan? LimitOf<TRequest>(TRequest request) => request switch
    {
        Cri.PullImageRequest => null,
        // Zero: until the command ends.
        Cri.ExecSyncRequest { Timeout: <= 0 } => null,
        Cri.ExecSyncRequest exec => _timeout + TimeSpan.FromSeconds(exec.Timeout),
        Cri.StopContainerRequest stop => _timeout + TimeSpan.FromSeconds(Math.Max(0, stop.Timeout)),
        // Networks of other runtimes may take long.
        Cri.RunPodSandboxRequest => _timeout * 2,
        _ => _timeout,
    };

    private async Task<TResponse> ExplainAsync<TResponse>(Task<TResponse> response, IMethod method, TimeSpan limit)
    {
        long start = _time.GetTimestamp();
        try
        {
            return await response;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded && _time.GetElapsedTime(start) >= limit)
        {
            throw new RpcException(new Grpc.Core.Status(
                StatusCode.DeadlineExceeded, $"the runtime has not answered {method.Name} within {PodText.Duration(limit)}", e));
        }
    }
}
