using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Server;

/// <summary>The responses of a call over HTTP/2.</summary>
internal sealed class HttpStreamWriter<T>(
    HttpResponse response, Marshaller<T> marshaller, HttpServerCallContext context, CallLifetime lifetime, int maxSize, bool flush)
    : IServerStreamWriter<T>
    where T : class
{
    private readonly Lock _lock = new();
    private readonly MessageWriter _writer = new(maxSize);
    private Task _write = Task.CompletedTask;
    private bool _ended;

    public WriteOptions? WriteOptions
    {
        get => context.WriteOptions;
        set => context.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        lock (_lock)
        {
            if (lifetime.Token.IsCancellationRequested)
            {
                return Task.FromCanceled(lifetime.Token);
            }

            if (_ended)
            {
                throw new InvalidOperationException("cannot write the message: the call has ended");
            }

            if (!_write.IsCompleted)
            {
                throw new InvalidOperationException("cannot write the message: the previous write is still running");
            }

            if (cancellationToken.IsCancellationRequested)
            {
                return Task.FromCanceled(cancellationToken);
            }

            return _write = WriteCoreAsync(message, cancellationToken);
        }
    }

    /// <summary>Shuts the stream for the handler, and waits for a message on its way; a cancelled call does not wait long.</summary>
    internal async ValueTask EndAsync()
    {
        lock (_lock)
        {
            _ended = true;
        }

        await _write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteCoreAsync(T message, CancellationToken cancellationToken)
    {
        WriteFlags flags = context.WriteOptions?.Flags ?? default;
        PipeWriter pipe = response.BodyWriter;
        context.PrepareHeaders();
        bool compress = context.Compress && !flags.HasFlag(WriteFlags.NoCompress);
        _writer.Write(pipe, marshaller, message, compress);
        context.BodyWritten = true;
        if (!flush || flags.HasFlag(WriteFlags.BufferHint))
        {
            return;
        }

        // A flush that is cancelled resets the stream: half a message cannot be taken back.
        using CancellationTokenSource? both = cancellationToken.CanBeCanceled && cancellationToken != lifetime.Token
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.Token)
            : null;
        FlushResult result = await pipe.FlushAsync(both?.Token ?? lifetime.Token).ConfigureAwait(false);
        if (result.IsCompleted && !lifetime.Token.IsCancellationRequested)
        {
            // The connection is gone before the server has raised its abort token.
            lifetime.End(new Status(StatusCode.Cancelled, "the client cancelled the call"));
        }

        lifetime.Token.ThrowIfCancellationRequested();
    }
}
