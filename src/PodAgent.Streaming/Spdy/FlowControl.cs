namespace PodAgent.Streaming.Spdy;

/// <summary>
/// How much may be sent (SPDY/3.1 sections 2.6.8 and 2.8): a window for each stream and one for the connection. The client of every
/// Kubernetes tool neither sends nor heeds WINDOW_UPDATE and would stall after 64 KiB, so windows bind only when the peer has shown that
/// it speaks of them; until then TCP alone paces.
/// </summary>
internal sealed class FlowControl
{
    /// <summary>Bytes of a window nobody has spoken of.</summary>
    public const int DefaultWindow = 64 << 10;

    private readonly Lock _gate = new();
    private long _connection = DefaultWindow;
    private int _initial = DefaultWindow;
    private bool _closed;
    private TaskCompletionSource _moved = NewSignal();

    /// <summary>The peer has sent a WINDOW_UPDATE or an initial window.</summary>
    public bool PeerSpeaks { get; private set; }

    public SendWindow NewStream()
    {
        lock (_gate)
        {
            return new SendWindow { Available = _initial };
        }
    }

    /// <summary>Waits until some of <paramref name="wanted"/> bytes may be sent, and takes them from both windows.</summary>
    public async ValueTask<int> ReserveAsync(SendWindow stream, int wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                long possible = PeerSpeaks && !_closed ? Math.Min(wanted, Math.Min(stream.Available, _connection)) : wanted;
                if (possible > 0)
                {
                    stream.Available -= possible;
                    _connection -= possible;
                    return (int)possible;
                }

                moved = _moved.Task;
            }

            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>WINDOW_UPDATE; null: of the connection.</summary>
    /// <returns>False: the window is larger than it may be.</returns>
    public bool Grant(SendWindow? stream, uint delta)
    {
        lock (_gate)
        {
            PeerSpeaks = true;
            long available = stream is null ? _connection += delta : stream.Available += delta;
            Move();
            return available <= int.MaxValue;
        }
    }

    /// <summary>SETTINGS_INITIAL_WINDOW_SIZE: for new streams, and by its difference for those that are open.</summary>
    public void SetInitial(uint size, IEnumerable<SendWindow> open)
    {
        lock (_gate)
        {
            PeerSpeaks = true;
            int next = (int)Math.Min(size, int.MaxValue);
            foreach (SendWindow stream in open)
            {
                stream.Available += next - _initial;
            }

            _initial = next;
            Move();
        }
    }

    /// <summary>Nobody waits any more: the connection, or a stream, has ended, and writing will say so.</summary>
    public void Wake(bool closed)
    {
        lock (_gate)
        {
            _closed |= closed;
            Move();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Move()
    {
        _moved.TrySetResult();
        _moved = NewSignal();
    }
}
