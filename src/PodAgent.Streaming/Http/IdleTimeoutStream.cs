namespace PodAgent.Streaming.Http;

/// <summary>A transport that notices when nothing has moved over it for too long.</summary>
internal sealed class IdleTimeoutStream : AsyncByteStream
{
    private readonly Stream _inner;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _idle = new();
    private readonly ITimer? _timer;
    private long _lastMove;

    /// <param name="inner">Stays the caller's.</param>
    /// <param name="timeout">Zero: never.</param>
    /// <param name="time">The clock.</param>
    public IdleTimeoutStream(Stream inner, TimeSpan timeout, TimeProvider time)
    {
        _inner = inner;
        _timeout = timeout;
        _time = time;
        _lastMove = time.GetTimestamp();
        if (timeout > TimeSpan.Zero)
        {
            _timer = time.CreateTimer(_ => Check(), null, timeout, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Cancelled when nothing has moved for the whole time.</summary>
    public CancellationToken Idle => _idle.Token;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Moved();
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        Moved();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override void Flush() => _inner.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _timer?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Moved() => Volatile.Write(ref _lastMove, _time.GetTimestamp());

    // The timer is not set anew with every byte; when it goes off it looks how long there really was silence.
    private void Check()
    {
        TimeSpan rest = _timeout - _time.GetElapsedTime(Volatile.Read(ref _lastMove));
        if (rest <= TimeSpan.Zero)
        {
            _idle.Cancel();
        }
        else
        {
            _timer!.Change(rest, Timeout.InfiniteTimeSpan);
        }
    }
}
