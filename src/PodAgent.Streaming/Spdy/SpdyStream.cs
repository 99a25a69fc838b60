using System.Buffers;
using System.IO.Pipelines;

namespace PodAgent.Streaming.Spdy;

/// <summary>
/// One stream of a connection. Reading 0 bytes is the end of what the peer sends, whether it said so (FIN) or gave the stream up
/// (RST_STREAM). One reader and one writer at a time.
/// </summary>
/// <remarks>
/// <code>
///            CompleteWritesAsync              peer's FIN
///   open ---------------------> half closed ------------> closed
///     |   peer's FIN                         CompleteWritesAsync
///     +---------------------> half closed ------------------> closed
///     any state: Reset, or the peer's RST_STREAM, or the end of the connection -> closed
/// </code>
/// </remarks>
public sealed class SpdyStream : AsyncByteStream
{
    private const int MaxDataFrame = 64 << 10;

    private readonly SpdyConnection _connection;
    private readonly Pipe _received;
    private readonly CancellationTokenSource _aborted = new();
    private readonly TaskCompletionSource _replied = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _abandoned;

    internal SpdyStream(SpdyConnection connection, uint id, IReadOnlyDictionary<string, string> headers, SendWindow window, int buffer)
    {
        _connection = connection;
        Id = id;
        Headers = headers;
        Window = window;
        _received = new Pipe(new PipeOptions(
            pauseWriterThreshold: buffer, resumeWriterThreshold: buffer / 2, minimumSegmentSize: 16 << 10, useSynchronizationContext: false));
    }

    /// <summary>Odd: opened by the client.</summary>
    public uint Id { get; }

    /// <summary>With which the stream was opened; names are lower case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Cancelled when the peer gives the stream up or the connection ends.</summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>Completes when the peer has accepted the stream; faults when it refused.</summary>
    public Task Replied => _replied.Task;

    internal SendWindow Window { get; }

    // Guarded by the connection.
    internal bool ReceivedEnd { get; set; }

    internal bool SentEnd { get; set; }

    internal int Uncredited { get; set; }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ReadResult result;
        if (_abandoned)
        {
            // What had come before can still be read.
            if (!_received.Reader.TryRead(out result))
            {
                return 0;
            }
        }
        else
        {
            result = await _received.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        ReadOnlySequence<byte> available = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        int count = (int)available.Length;
        available.CopyTo(buffer.Span);
        _received.Reader.AdvanceTo(available.End);
        if (count > 0)
        {
            _connection.OnConsumed(this, count);
        }

        return count;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The peer gave the stream up, or the connection has ended.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            int granted = await _connection.ReserveAsync(this, Math.Min(buffer.Length, MaxDataFrame), cancellationToken).ConfigureAwait(false);
            await _connection.WriteAsync(this, buffer[..granted], fin: false, cancellationToken).ConfigureAwait(false);
            buffer = buffer[granted..];
        }
    }

    /// <summary>Says that nothing more follows; reading goes on. Said once, whatever was said before; after a reset nothing is said.</summary>
    public ValueTask CompleteWritesAsync(CancellationToken cancellationToken = default) => _connection.CompleteAsync(this, cancellationToken);

    /// <summary>Ends both directions at once.</summary>
    public void Reset(SpdyResetStatus status) => _connection.Reset(this, status);

    internal void OnReply() => _replied.TrySetResult();

    // Waits while the buffer is full. What comes after the reader has gone is dropped.
    internal async ValueTask DeliverAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> segment in data)
        {
            if (_abandoned)
            {
                return;
            }

            await _received.Writer.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
        }
    }

    // The connection's reader alone calls this, never beside DeliverAsync.
    internal void EndReceiving() => _received.Writer.Complete();

    // From any thread: completing the pipe's ends is not allowed here, while their owners may be using them.
    internal void Abort(string why)
    {
        _abandoned = true;
        _received.Reader.CancelPendingRead();
        _received.Writer.CancelPendingFlush();
        if (_replied.TrySetException(new IOException(why)))
        {
            // Not everybody asks.
            _ = _replied.Task.Exception;
        }

        _aborted.Cancel();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _connection.Reset(this, SpdyResetStatus.Cancel);
            _received.Reader.Complete();
        }

        base.Dispose(disposing);
    }
}
