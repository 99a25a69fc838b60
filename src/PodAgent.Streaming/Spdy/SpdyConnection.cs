using System.Buffers.Binary;
using System.Threading.Channels;

namespace PodAgent.Streaming.Spdy;

/// <summary>
/// One SPDY/3.1 connection over any transport: many streams, each with its own end, over one. Nothing is sent before the peer has sent
/// something, as the peers in the field lose what arrives together with the answer to their upgrade request.
/// </summary>
public sealed partial class SpdyConnection : IAsyncDisposable
{
    // A peer that goes on reading takes a last frame, and leaves, in far less.
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly Stream _transport;
    private readonly SpdyLimits _limits;
    private readonly SpdyRole _role;
    private readonly CancellationTokenSource _closing = new();
    private readonly FrameWriter _writer;
    private readonly FlowControl _flow = new();
    private readonly HeaderBlockDecoder _headers;
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, SpdyStream> _streams = [];
    private readonly Channel<SpdyStream> _incoming = Channel.CreateUnbounded<SpdyStream>();
    private readonly Dictionary<uint, TaskCompletionSource> _pings = [];
    private uint _lastOpened;
    private uint _lastAccepted;
    private uint _lastPing;
    private int _uncredited;
    private bool _ended;
    private bool _goAwayReceived;

    private SpdyConnection(Stream transport, SpdyRole role, SpdyLimits limits)
    {
        _transport = transport;
        _role = role;
        _limits = limits;
        _headers = new HeaderBlockDecoder(limits.HeaderBlock);
        _writer = new FrameWriter(transport, limits.UnsentAnswers, _closing.Token) { Failed = End };
        Completion = Task.CompletedTask;
    }

    /// <summary>Streams that the peer opened, in its order; ends with the connection.</summary>
    public ChannelReader<SpdyStream> Incoming => _incoming.Reader;

    /// <summary>Completes when the connection has ended; never faults, <see cref="Failure"/> has the reason.</summary>
    public Task Completion { get; private set; }

    /// <summary>Why the connection ended, when it was not in peace.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Begins to read.</summary>
    /// <param name="transport">Stays the caller's, who closes it after this connection.</param>
    /// <param name="role">Which end this is.</param>
    /// <param name="limits">Null: the defaults.</param>
    public static SpdyConnection Start(Stream transport, SpdyRole role, SpdyLimits? limits = null)
    {
        var connection = new SpdyConnection(transport, role, limits ?? new SpdyLimits());
        connection.Completion = connection.ReadAsync();
        return connection;
    }

    /// <summary>Opens a stream; data may be sent at once, <see cref="SpdyStream.Replied"/> tells when the peer has accepted it.</summary>
    /// <exception cref="IOException">The connection has ended, or the peer is leaving.</exception>
    public SpdyStream Open(IReadOnlyDictionary<string, string> headers)
    {
        SpdyStream stream;
        lock (_gate)
        {
            if (_ended || _goAwayReceived)
            {
                throw new IOException("the connection takes no new streams");
            }

            uint id = _lastOpened == 0 ? (_role == SpdyRole.Client ? 1u : 2u) : _lastOpened + 2;
            _lastOpened = id;
            stream = new SpdyStream(this, id, headers, _flow.NewStream(), _limits.StreamBuffer);
            _streams.Add(id, stream);

            // Within the lock: numbers must be sent in ascending order.
            Span<byte> head = stackalloc byte[10];
            head.Clear();
            BinaryPrimitives.WriteUInt32BigEndian(head, id);
            _writer.PostHeaders(SpdyFrameType.SynStream, head, headers);
        }

        return stream;
    }

    /// <summary>Asks for a sign of life.</summary>
    /// <exception cref="IOException">The connection has ended.</exception>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_ended)
            {
                throw new IOException("the connection has ended");
            }

            _lastPing = _lastPing == 0 ? (_role == SpdyRole.Client ? 1u : 2u) : _lastPing + 2;
            _pings.Add(_lastPing, answer);
            _writer.Post(SpdyFrameType.Ping, _lastPing);
        }

        await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends every stream, says farewell and gives the peer a moment to leave by itself: closing a socket while unread input is there would
    /// reset it, and destroy what the peer has not read yet. The transport is left open.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        SpdyStream[] streams;
        lock (_gate)
        {
            streams = [.. _streams.Values];
        }

        foreach (SpdyStream stream in streams)
        {
            stream.Abort("the connection is closed");
        }

        if (await FarewellAsync(SpdyGoAwayStatus.Ok).ConfigureAwait(false))
        {
            await Task.WhenAny(Completion, Task.Delay(s_farewell, TimeProvider.System)).ConfigureAwait(false);
        }

        End(null);
        await Completion.ConfigureAwait(false);
        _headers.Dispose();
        _closing.Dispose();
    }

    internal ValueTask<int> ReserveAsync(SpdyStream stream, int wanted, CancellationToken cancellationToken) =>
        _flow.ReserveAsync(stream.Window, wanted, cancellationToken);

    internal ValueTask WriteAsync(SpdyStream stream, ReadOnlyMemory<byte> data, bool fin, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (stream.SentEnd)
            {
                throw new IOException(_ended ? "the connection has ended" : $"stream {stream.Id} takes nothing more");
            }

            if (fin)
            {
                stream.SentEnd = true;
                RemoveEnded(stream);
            }
        }

        return _writer.WriteDataAsync(stream.Id, data, fin, cancellationToken);
    }

    internal async ValueTask CompleteAsync(SpdyStream stream, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (stream.SentEnd)
            {
                return;
            }
        }

        await WriteAsync(stream, ReadOnlyMemory<byte>.Empty, fin: true, cancellationToken).ConfigureAwait(false);
    }

    internal void Reset(SpdyStream stream, SpdyResetStatus status)
    {
        lock (_gate)
        {
            if (stream.SentEnd && stream.ReceivedEnd)
            {
                return;
            }

            stream.SentEnd = stream.ReceivedEnd = true;
            RemoveEnded(stream);
            _writer.Post(SpdyFrameType.RstStream, stream.Id, (uint)status);
        }

        stream.Abort("the stream was reset");
        _flow.Wake(closed: false);
    }

    internal void OnConsumed(SpdyStream stream, int count)
    {
        lock (_gate)
        {
            stream.Uncredited += count;
            _uncredited += count;
            Credit(stream);
        }
    }

    // Windows are given back in large pieces, and only to a peer that heeds them.
    private void Credit(SpdyStream stream)
    {
        if (_ended || !_flow.PeerSpeaks)
        {
            return;
        }

        if (stream.Uncredited >= FlowControl.DefaultWindow / 2 && !stream.ReceivedEnd)
        {
            _writer.Post(SpdyFrameType.WindowUpdate, stream.Id, (uint)stream.Uncredited);
            stream.Uncredited = 0;
        }

        if (_uncredited >= FlowControl.DefaultWindow / 2)
        {
            _writer.Post(SpdyFrameType.WindowUpdate, 0, (uint)_uncredited);
            _uncredited = 0;
        }
    }

    private void RemoveEnded(SpdyStream stream)
    {
        if (stream.SentEnd && stream.ReceivedEnd)
        {
            _streams.Remove(stream.Id);
        }
    }

    private async Task<bool> FarewellAsync(SpdyGoAwayStatus status)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return false;
            }

            _writer.Post(SpdyFrameType.GoAway, _lastAccepted, (uint)status);
        }

        using var limit = new CancellationTokenSource(s_farewell);
        try
        {
            // Waited for from outside: a frame that is being sent is not given up half-way, so a peer that takes nothing holds the sender, until the end.
            Task sent = _writer.FlushAsync(limit.Token);
            _ = sent.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await sent.WaitAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // It left without listening.
            return false;
        }
    }

    private void End(Exception? failure)
    {
        SpdyStream[] streams;
        TaskCompletionSource[] pings;
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            Failure = failure;
            streams = [.. _streams.Values];
            pings = [.. _pings.Values];
            _streams.Clear();
            _pings.Clear();
            foreach (SpdyStream stream in streams)
            {
                stream.SentEnd = stream.ReceivedEnd = true;
            }
        }

        _flow.Wake(closed: true);
        string why = failure is null ? "the connection has ended" : $"the connection has failed: {failure.Message}";
        foreach (SpdyStream stream in streams)
        {
            stream.Abort(why);
        }

        foreach (TaskCompletionSource ping in pings)
        {
            ping.TrySetException(new IOException(why));
        }

        _incoming.Writer.TryComplete();
        _closing.Cancel();
    }
}
