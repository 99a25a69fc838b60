using Grpc.Core;
using PodAgent.Rpc.Server;

namespace PodAgent.Rpc.InProcess;

/// <summary>
/// Calls the services of a registry in the same process: the message objects are handed over as they are, so neither side may
/// change a message after that. Exceptions, deadlines, cancellation, metadata and streams behave as over the network; size
/// limits and compression do not apply, because nothing is encoded.
/// </summary>
public sealed class InProcessCallInvoker : CallInvoker
{
    private readonly RpcServiceRegistry _services;
    private readonly RpcServerOptions _options;
    private readonly bool _cloneMessages;

    /// <summary>
    /// Full names of unary methods whose handlers never wait for anything: they run on the caller's thread. Handing a question that memory
    /// answers to another thread takes ten times as long as answering it.
    /// </summary>
    public IReadOnlySet<string> RunOnCaller { get; init; } = new HashSet<string>();

    /// <summary>Makes an invoker.</summary>
    /// <param name="services">What can be called.</param>
    /// <param name="options">As for the network: exception mapping, clock, end-of-call hook.</param>
    /// <param name="cloneMessages">
    /// Sends every message through its marshaller and back, so that tests can prove that nobody relies on shared objects.
    /// </param>
    public InProcessCallInvoker(RpcServiceRegistry services, RpcServerOptions options, bool cloneMessages = false)
    {
        _services = services ?? throw new ArgumentNullException(nameof(services));
        _options = options ?? throw new ArgumentNullException(nameof(options));
        _cloneMessages = cloneMessages;
    }

    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        AsyncUnaryCall(method, host, options, request).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        InProcessCall<TRequest, TResponse> call = StartSingle(method, host, options, request);
        return new AsyncUnaryCall<TResponse>(
            call.ReadSingleAsync(), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Cancel);
    }

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        InProcessCall<TRequest, TResponse> call = StartSingle(method, host, options, request);
        return new AsyncServerStreamingCall<TResponse>(
            new ResponseReader<TRequest, TResponse>(call), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Cancel);
    }

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        InProcessCall<TRequest, TResponse> call = Start(method, host, options);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            new RequestWriter<TRequest, TResponse>(call),
            call.ReadSingleAsync(),
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            call.Cancel);
    }

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        InProcessCall<TRequest, TResponse> call = Start(method, host, options);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            new RequestWriter<TRequest, TResponse>(call),
            new ResponseReader<TRequest, TResponse>(call),
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            call.Cancel);
    }

    private InProcessCall<TRequest, TResponse> StartSingle<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        where TRequest : class
        where TResponse : class
    {
        ArgumentNullException.ThrowIfNull(request);
        var call = new InProcessCall<TRequest, TResponse>(method, host, options, _options, _cloneMessages);
        call.Requests.AddFirst(request);
        call.Requests.Complete();
        Run(call, method);
        return call;
    }

    private InProcessCall<TRequest, TResponse> Start<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
        where TRequest : class
        where TResponse : class
    {
        var call = new InProcessCall<TRequest, TResponse>(method, host, options, _options, _cloneMessages);
        Run(call, method);
        return call;
    }

    private void Run<TRequest, TResponse>(InProcessCall<TRequest, TResponse> call, IMethod method)
        where TRequest : class
        where TResponse : class
    {
        if (!_services.TryGet(method.FullName, out RpcHandler? handler))
        {
            call.Refuse(new Status(StatusCode.Unimplemented, $"unknown method \"{method.FullName}\""));
        }
        else if (handler is RpcHandler<TRequest, TResponse> typed)
        {
            call.Run(typed, onCaller: RunOnCaller.Contains(method.FullName));
        }
        else
        {
            call.Refuse(new Status(StatusCode.Internal, $"client and server of \"{method.FullName}\" use different message classes"));
        }
    }
}
