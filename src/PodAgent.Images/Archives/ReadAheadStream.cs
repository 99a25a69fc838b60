using System.Buffers;
using System.Runtime.ExceptionServices;

namespace PodAgent.Images.Archives;

/// <summary>
/// Reads a stream on a thread of its own, some buffers ahead of who reads this one: while one processor decompresses and hashes, another creates
/// files. A failure of the source comes to the reader behind everything that was read before it.
/// </summary>
internal sealed class ReadAheadStream : ReadOnlyStream
{
    private const int BufferSize = 128 * 1024;
    private const int Buffers = 6;

    private readonly object _gate = new();
    private readonly Stream _source;
    private readonly CancellationTokenSource _stop;
    private readonly byte[][] _buffers = new byte[Buffers][];
    private readonly int[] _lengths = new int[Buffers];
    private readonly Thread _thread;

    // Buffers filled and emptied since the beginning; their difference is what waits.
    private long _filled;
    private long _emptied;
    private int _position;
    private bool _disposed;
    private bool _ended;
    private Exception? _failure;

    /// <summary>Begins to read.</summary>
    /// <param name="source">Not closed; nobody else reads it until this stream is disposed.</param>
    /// <param name="stop">Cancelled by disposing this stream: a source that waits for more must not be waited for.</param>
    public ReadAheadStream(Stream source, CancellationTokenSource stop)
    {
        (_source, _stop) = (source, stop);
        _thread = new Thread(Fill) { IsBackground = true, Name = "unpack" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read = 0;
        while (read < buffer.Length)
        {
            // What is there is given at once; only for the first byte there is a wait.
            if (Volatile.Read(ref _filled) == _emptied && (read > 0 || !WaitForMore()))
            {
                break;
            }

            int slot = (int)(_emptied % Buffers);
            int count = Math.Min(buffer.Length - read, _lengths[slot] - _position);
            _buffers[slot].AsSpan(_position, count).CopyTo(buffer[read..]);
            read += count;
            _position += count;
            if (_position == _lengths[slot])
            {
                _position = 0;
                lock (_gate)
                {
                    _emptied++;
                    Monitor.Pulse(_gate);
                }
            }
        }

        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!_disposed)
        {
            _disposed = true;
            _stop.Cancel();
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }

            _thread.Join();
            foreach (byte[] buffer in _buffers.Where(each => each is not null))
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        base.Dispose(disposing);
    }

    private bool WaitForMore()
    {
        lock (_gate)
        {
            while (_filled == _emptied && !_ended)
            {
                Monitor.Wait(_gate);
            }

            if (_filled == _emptied && _failure is not null)
            {
                ExceptionDispatchInfo.Throw(_failure);
            }

            return _filled > _emptied;
        }
    }

    private void Fill()
    {
        Exception? failure = null;
        bool ended = false;
        while (!ended && failure is null && WaitForRoom())
        {
            int slot = (int)(_filled % Buffers);
            byte[] buffer = _buffers[slot] ??= ArrayPool<byte>.Shared.Rent(BufferSize);
            int length = 0;
            try
            {
                int read;
                while (length < BufferSize && (read = _source.Read(buffer.AsSpan(length, BufferSize - length))) > 0)
                {
                    length += read;
                }

                ended = length < BufferSize;
            }
            catch (Exception e)
            {
                failure = e;
            }

            if (length > 0)
            {
                _lengths[slot] = length;
                lock (_gate)
                {
                    _filled++;
                    Monitor.Pulse(_gate);
                }
            }
        }

        End(failure ?? (ended ? null : new OperationCanceledException(_stop.Token)));
    }

    private bool WaitForRoom()
    {
        lock (_gate)
        {
            while (_filled - _emptied == Buffers && !_stop.IsCancellationRequested)
            {
                Monitor.Wait(_gate);
            }

            return !_stop.IsCancellationRequested;
        }
    }

    private void End(Exception? failure)
    {
        lock (_gate)
        {
            (_failure, _ended) = (failure, true);
            Monitor.PulseAll(_gate);
        }
    }
}
