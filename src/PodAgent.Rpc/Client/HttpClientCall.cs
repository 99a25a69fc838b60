using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http;
using Grpc.Core;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Client;

/// <summary>
/// One call over HTTP/2.
/// <code>
///   started ──response headers──► open ──end of the response──► ended (status of the server)
///      │                            │
///      └──────────────┬─────────────┘
///        cancelled, deadline, transport or protocol broken, limit exceeded
///                     └────────────────────────────────────────► ended (status made here; the stream is reset)
/// </code>
/// The first status counts: whatever fails afterwards fails with it.
/// </summary>
internal sealed class HttpClientCall<TRequest, TResponse> : IRunningCall, IDisposable
    where TRequest : class
    where TResponse : class
{
    private static readonly TimeSpan s_firstBackoff = TimeSpan.FromMilliseconds(20);
    private static readonly StreamPipeReaderOptions s_pipeOptions = new(bufferSize: 16 * 1024, minimumReadSize: 4 * 1024);

    private readonly RpcChannel _channel;
    private readonly Method<TRequest, TResponse> _method;
    private readonly string? _host;
    private readonly CallOptions _options;
    private readonly TimeProvider _time;
    private readonly DateTime? _deadline;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<CallEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The stream of a streaming request, once the HTTP client asks for the body; its task ends when the body may end.
    private readonly TaskCompletionSource<Stream> _requestStream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _requestsComplete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Not from a pool: the transport may look at it after a call that was cancelled.
    private readonly ArrayBufferWriter<byte> _sendBuffer = new();
    private readonly MessageWriter _writer;

    private ITimer? _deadlineTimer;
    private CancellationTokenRegistration _userCancellation;
    private HttpResponseMessage? _response;
    private MessageReader? _reader;
    private Task _opened = Task.CompletedTask;

    internal HttpClientCall(RpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        _channel = channel;
        _method = method;
        _host = host;
        _options = options;
        _time = channel.Options.TimeProvider;
        _deadline = options.Deadline is { } deadline && deadline != DateTime.MaxValue ? deadline.ToUniversalTime() : null;
        _writer = new MessageWriter(channel.Options.MaxSendMessageSize);
    }

    internal Task<Metadata> ResponseHeadersAsync => _headers.Task;

    internal WriteOptions? WriteOptions => _options.WriteOptions;

    /// <summary>Starts a call with one request.</summary>
    internal void StartSingle(TRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Watch();
        try
        {
            Frame(request, _options.WriteOptions?.Flags ?? default);
        }
        catch (Exception e)
        {
            Status status = e is RpcException known
                ? known.Status
                : new Status(StatusCode.Internal, $"cannot encode a message as {typeof(TRequest).Name}", e);
            End(new CallEnd(status, []));
        }

        _opened = OpenAsync(async (stream, cancellationToken) =>
        {
            await stream.WriteAsync(_sendBuffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        });
    }

    /// <summary>Starts a call with a stream of requests.</summary>
    internal void StartStream()
    {
        Watch();
        _opened = OpenAsync(async (stream, cancellationToken) =>
        {
            if (!_requestStream.TrySetResult(stream))
            {
                // Requests may have gone out on the refused connection: they cannot be sent a second time.
                throw new IOException("a request stream cannot be restarted on another connection");
            }

            // The server is to see the call now, not with the first request.
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            await _requestsComplete.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        });
    }

    internal async Task WriteAsync(TRequest message, WriteFlags flags, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((IRunningCall)state!).Cancel(new Status(StatusCode.Cancelled, "the call was cancelled")), this);
        ThrowIfEnded();

        // Outside of the try block: when a message cannot be encoded or is over the limit, nothing of it is sent and the call goes on.
        Frame(message, flags);
        try
        {
            Stream stream = await _requestStream.Task.WaitAsync(_cancellation.Token).ConfigureAwait(false);
            await stream.WriteAsync(_sendBuffer.WrittenMemory, _cancellation.Token).ConfigureAwait(false);
            if (!flags.HasFlag(WriteFlags.BufferHint))
            {
                await stream.FlushAsync(_cancellation.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            throw await ExplainWriteFailureAsync(e).ConfigureAwait(false);
        }
    }

    internal void CompleteRequests() => _requestsComplete.TrySetResult();

    /// <summary>The next response, or null after the last one of a call that went well.</summary>
    internal async Task<TResponse?> ReadAsync()
    {
        await _opened.ConfigureAwait(false);
        if (_ended.Task.IsCompleted)
        {
            CallEnd end = await _ended.Task.ConfigureAwait(false);
            return end.Status.StatusCode == StatusCode.OK ? null : throw end.ToException();
        }

        try
        {
            TResponse? message = await _reader!.ReadAsync(_method.ResponseMarshaller, _cancellation.Token).ConfigureAwait(false);
            if (message is not null)
            {
                return message;
            }

            End(CallEnd.FromTrailers(_response!));
        }
        catch (Exception e)
        {
            End(ToEnd(e));
        }

        CallEnd result = await _ended.Task.ConfigureAwait(false);
        return result.Status.StatusCode == StatusCode.OK ? null : throw result.ToException();
    }

    /// <summary>The one response of a call that has one.</summary>
    internal async Task<TResponse> ReadSingleAsync()
    {
        TResponse? response = await ReadAsync().ConfigureAwait(false);
        if (response is null)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"the call of \"{_method.FullName}\" ended without a response message"));
        }

        if (await ReadAsync().ConfigureAwait(false) is not null)
        {
            End(new CallEnd(new Status(StatusCode.Internal, $"the call of \"{_method.FullName}\" has more than one response message"), []));
            throw _ended.Task.Result.ToException();
        }

        return response;
    }

    internal Status GetStatus() => _ended.Task.IsCompleted
        ? _ended.Task.Result.Status
        : throw new InvalidOperationException($"the call of \"{_method.FullName}\" has not ended: it has no status yet");

    internal Metadata GetTrailers() => _ended.Task.IsCompleted
        ? _ended.Task.Result.Trailers
        : throw new InvalidOperationException($"the call of \"{_method.FullName}\" has not ended: it has no trailers yet");

    public void Cancel(Status status) => End(new CallEnd(status, []));

    public void Dispose() => Cancel(new Status(StatusCode.Cancelled, "the call was disposed of"));

    private void Watch()
    {
        _channel.Add(this);
        _userCancellation = _options.CancellationToken.UnsafeRegister(
            static state => ((IRunningCall)state!).Cancel(new Status(StatusCode.Cancelled, "the call was cancelled")), this);
        if (_deadline is { } deadline)
        {
            if (DeadlineTimer.Remaining(_time, deadline) == TimeSpan.Zero)
            {
                OnDeadline();
                return;
            }

            _deadlineTimer = DeadlineTimer.Start(_time, deadline, OnDeadline);
        }

        if (_ended.Task.IsCompleted)
        {
            Release();
        }
    }

    private void OnDeadline() => Cancel(new Status(StatusCode.DeadlineExceeded, "the deadline has passed"));

    private void Frame(TRequest message, WriteFlags flags)
    {
        _sendBuffer.ResetWrittenCount();
        bool compress = _channel.Options.CompressRequests && !flags.HasFlag(WriteFlags.NoCompress);
        _writer.Write(_sendBuffer, _method.RequestMarshaller, message, compress);
    }

    /// <summary>A server may end a call before it has read everything; then its status tells more than the broken stream.</summary>
    private async Task<RpcException> ExplainWriteFailureAsync(Exception exception)
    {
        await _opened.ConfigureAwait(false);
        if (_method.Type == MethodType.ClientStreaming || _ended.Task.IsCompleted)
        {
            // The one response of a client stream is being read all the time, so its end is coming.
            return (await _ended.Task.ConfigureAwait(false)).ToException();
        }

        return new RpcException(new Status(
            StatusCode.Cancelled, "the server takes no more requests, the status is at the end of the response stream", exception));
    }

    /// <summary>Sends the request and takes the response headers; failures are the end of the call, not of this task.</summary>
    private async Task OpenAsync(Func<Stream, CancellationToken, Task> writeBody)
    {
        TimeSpan backoff = s_firstBackoff;
        while (!_ended.Task.IsCompleted)
        {
            try
            {
                HttpResponseMessage response =
                    await _channel.SendAsync(MakeRequest(writeBody), _cancellation.Token).ConfigureAwait(false);
                Accept(response);
                return;
            }
            catch (Exception e) when (_options.IsWaitForReady && TransportErrors.IsConnectFailure(e) && !_ended.Task.IsCompleted)
            {
                // There is no notification for "a server listens now" that holds for every kind of address: back off and try again.
                await Task.Delay(backoff, _time, _cancellation.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, _channel.Options.MaxReconnectBackoff.Ticks));
            }
            catch (Exception e)
            {
                End(ToEnd(e));
                return;
            }
        }
    }

    private HttpRequestMessage MakeRequest(Func<Stream, CancellationToken, Task> writeBody)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_channel.Address.BaseUri, _method.FullName))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new RequestBody(writeBody),
        };
        if (_host is not null)
        {
            request.Headers.Host = _host;
        }

        request.Content.Headers.TryAddWithoutValidation(ProtocolHeaders.ContentType, ContentTypes.Grpc);
        request.Headers.TryAddWithoutValidation(ProtocolHeaders.Te, "trailers");
        request.Headers.TryAddWithoutValidation(ProtocolHeaders.UserAgent, _channel.Options.UserAgent);
        request.Headers.TryAddWithoutValidation(ProtocolHeaders.AcceptEncoding, MessageEncodings.Accepted);
        if (_channel.Options.CompressRequests)
        {
            request.Headers.TryAddWithoutValidation(ProtocolHeaders.Encoding, MessageEncodings.Gzip);
        }

        if (_deadline is { } deadline)
        {
            TimeSpan remaining = DeadlineTimer.Remaining(_time, deadline);
            request.Headers.TryAddWithoutValidation(ProtocolHeaders.Timeout, GrpcTimeout.Format(remaining));
        }

        foreach (Metadata.Entry entry in _options.Headers ?? Metadata.Empty)
        {
            if (!ProtocolHeaders.IsReserved(entry.Key))
            {
                request.Headers.TryAddWithoutValidation(entry.Key, MetadataHeaders.Encode(entry));
            }
        }

        return request;
    }

    private void Accept(HttpResponseMessage response)
    {
        _response = response;
        if (CallEnd.FromHeaders(response, _channel.Address) is { } end)
        {
            // The headers are all there is (Trailers-Only), or all that makes sense.
            End(end);
        }
        else
        {
            string? encoding = CallEnd.First(response.Headers, ProtocolHeaders.Encoding);
            Metadata metadata = CallEnd.ToMetadata(response.Headers);
            _reader = new MessageReader(
                PipeReader.Create(response.Content.ReadAsStream(), s_pipeOptions),
                _channel.Options.MaxReceiveMessageSize,
                encoding == MessageEncodings.Identity ? null : encoding);
            _headers.TrySetResult(metadata);
        }

        if (_ended.Task.IsCompleted)
        {
            // The call may have been cancelled before there was a response to let go of.
            Release();
        }
    }

    private void ThrowIfEnded()
    {
        if (_ended.Task.IsCompleted)
        {
            throw _ended.Task.Result.ToException();
        }
    }

    private CallEnd ToEnd(Exception exception)
    {
        Status status = exception is RpcException known
            ? known.Status
            : TransportErrors.ToStatus(exception, _channel.Address, _channel.Options.KeepAlivePingDelay != Timeout.InfiniteTimeSpan);

        // The server's clock may be a little ahead and reset the stream before the timer here has gone off.
        bool transport = exception is not RpcException;
        return transport && _deadline is { } deadline && DeadlineTimer.Remaining(_time, deadline) == TimeSpan.Zero
            ? new CallEnd(new Status(StatusCode.DeadlineExceeded, "the deadline has passed", exception), [])
            : new CallEnd(status, []);
    }

    private void End(CallEnd end)
    {
        if (!_ended.TrySetResult(end))
        {
            return;
        }

        if (end.Status.StatusCode == StatusCode.OK)
        {
            _headers.TrySetResult([]);
        }
        else if (_headers.TrySetException(end.ToException()))
        {
            // Few callers look at the headers: a failure nobody asked for is not an unobserved one.
            _ = _headers.Task.Exception;
        }

        Release();
    }

    /// <summary>Lets go of everything; what is still running of the HTTP exchange is reset.</summary>
    private void Release()
    {
        _channel.Remove(this);
        _deadlineTimer?.Dispose();
        _userCancellation.Unregister();
        _cancellation.Cancel();
        _requestsComplete.TrySetCanceled();
        _response?.Dispose();
    }
}
