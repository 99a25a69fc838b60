using System.Buffers;
using System.Buffers.Binary;

namespace PodAgent.Streaming.Spdy;

/// <summary>
/// The sending half of a connection. Data waits its turn; answers to the peer are posted and never waited for, because who reads must not
/// wait for who writes: two sides that both do so stand still for ever.
/// </summary>
internal sealed class FrameWriter(Stream transport, int maxPosted, CancellationToken closing)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Queue<byte[]> _posted = [];
    private readonly HeaderBlockEncoder _headers = new();
    private bool _flushing;

    /// <summary>Called when the transport fails.</summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>Sends a data frame; when this returns the transport has it.</summary>
    /// <exception cref="IOException">The transport has failed.</exception>
    public async ValueTask WriteDataAsync(uint streamId, ReadOnlyMemory<byte> payload, bool fin, CancellationToken cancellationToken)
    {
        int size = SpdyFrameHeader.Size + payload.Length;
        byte[] frame = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            SpdyFrameHeader.Data(streamId, fin ? SpdyFrameHeader.Fin : (byte)0, payload.Length).Write(frame);
            payload.CopyTo(frame.AsMemory(SpdyFrameHeader.Size));
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await WritePostedAsync().ConfigureAwait(false);
                await WriteAsync(frame.AsMemory(0, size)).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>Sends a control frame of up to two numbers behind everything that was posted before.</summary>
    /// <returns>False: the peer does not take its answers.</returns>
    public bool Post(SpdyFrameType type, params ReadOnlySpan<uint> numbers)
    {
        byte[] frame = new byte[SpdyFrameHeader.Size + (numbers.Length * 4)];
        SpdyFrameHeader.Control(type, 0, numbers.Length * 4).Write(frame);
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(SpdyFrameHeader.Size + (i * 4)), numbers[i]);
        }

        lock (_posted)
        {
            return Enqueue(frame);
        }
    }

    /// <summary>Sends a frame that ends with a header block.</summary>
    /// <returns>False: the peer does not take its answers.</returns>
    public bool PostHeaders(SpdyFrameType type, ReadOnlySpan<byte> head, IReadOnlyCollection<KeyValuePair<string, string>> headers)
    {
        // Under the lock: header blocks share a stream and have to be sent in the order in which they were encoded.
        lock (_posted)
        {
            byte[] block = _headers.Encode(headers);
            byte[] frame = new byte[SpdyFrameHeader.Size + head.Length + block.Length];
            SpdyFrameHeader.Control(type, 0, head.Length + block.Length).Write(frame);
            head.CopyTo(frame.AsSpan(SpdyFrameHeader.Size));
            block.CopyTo(frame.AsSpan(SpdyFrameHeader.Size + head.Length));
            return Enqueue(frame);
        }
    }

    /// <summary>Returns when everything posted so far is sent.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await WritePostedAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private bool Enqueue(byte[] frame)
    {
        _posted.Enqueue(frame);
        if (!_flushing)
        {
            _flushing = true;
            _ = Task.Run(FlushPostedAsync, CancellationToken.None);
        }

        return _posted.Count <= maxPosted;
    }

    private async Task FlushPostedAsync()
    {
        try
        {
            await FlushAsync(closing).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Said through Failed, or the connection is closing.
        }
    }

    private async ValueTask WritePostedAsync()
    {
        while (true)
        {
            byte[]? frame;
            lock (_posted)
            {
                if (!_posted.TryDequeue(out frame))
                {
                    _flushing = false;
                    return;
                }
            }

            await WriteAsync(frame).ConfigureAwait(false);
        }
    }

    // Not the caller's token: half a frame would be the end of the connection.
    private async ValueTask WriteAsync(ReadOnlyMemory<byte> frame)
    {
        try
        {
            await transport.WriteAsync(frame, closing).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Failed?.Invoke(failure);
            throw failure as IOException ?? new IOException($"the connection has failed: {failure.Message}", failure);
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            throw new IOException("the connection is closed");
        }
    }
}
