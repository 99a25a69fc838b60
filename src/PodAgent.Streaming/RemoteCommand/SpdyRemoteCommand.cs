using System.Threading.Channels;
using PodAgent.Streaming.Spdy;

namespace PodAgent.Streaming.RemoteCommand;

/// <summary>Exec and attach over SPDY: a stream for the status and one for each stream of the process, told apart by header <c>streamtype</c>.</summary>
public sealed class SpdyRemoteCommand : IRemoteCommandSession
{
    private const string TypeHeader = "streamtype";
    private const string Error = "error";
    private const string Resize = "resize";

    private readonly SpdyConnection _connection;
    private readonly RemoteCommandProtocol _protocol;
    private readonly Dictionary<string, SpdyStream> _streams;
    private readonly Channel<TerminalDimensions> _resizes = TerminalSizes.NewChannel();
    private readonly CancellationTokenSource _gone = new();

    private SpdyRemoteCommand(SpdyConnection connection, RemoteCommandProtocol protocol, Dictionary<string, SpdyStream> streams)
    {
        _connection = connection;
        _protocol = protocol;
        _streams = streams;
        _ = WatchAsync();
        _ = RefuseMoreAsync();
        if (streams.TryGetValue(Resize, out SpdyStream? resize))
        {
            _ = ReadResizesAsync(resize);
        }
        else
        {
            _resizes.Writer.Complete();
        }
    }

    /// <inheritdoc/>
    public Stream? Stdin => _streams.GetValueOrDefault("stdin");

    /// <inheritdoc/>
    public Stream? Stdout => _streams.GetValueOrDefault("stdout");

    /// <inheritdoc/>
    public Stream? Stderr => _streams.GetValueOrDefault("stderr");

    /// <inheritdoc/>
    public ChannelReader<TerminalDimensions> Resizes => _resizes.Reader;

    /// <inheritdoc/>
    public CancellationToken ClientGone => _gone.Token;

    /// <summary>Waits until the client has opened every stream that belongs to its request.</summary>
    /// <param name="connection">Taken over.</param>
    /// <param name="protocol">What was agreed on.</param>
    /// <param name="wanted">What the request was for.</param>
    /// <param name="cancellationToken">Ends the wait; a client is given 30 s elsewhere.</param>
    /// <exception cref="IOException">The client left.</exception>
    public static async Task<SpdyRemoteCommand> AcceptAsync(
        SpdyConnection connection, RemoteCommandProtocol protocol, RemoteCommandStreams wanted, CancellationToken cancellationToken)
    {
        HashSet<string> missing = [Error];
        Add(wanted.Stdin, "stdin");
        Add(wanted.Stdout, "stdout");
        Add(wanted.Stderr && !wanted.Tty, "stderr");
        Add(wanted.Tty && protocol.HasResize, Resize);
        var streams = new Dictionary<string, SpdyStream>();
        while (missing.Count > 0)
        {
            SpdyStream stream;
            try
            {
                stream = await connection.Incoming.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                throw new IOException($"the client left before it opened {string.Join(", ", missing.Select(each => $"\"{each}\""))}");
            }

            string type = stream.Headers.GetValueOrDefault(TypeHeader, "");
            if (missing.Remove(type))
            {
                streams.Add(type, stream);
            }
            else
            {
                stream.Dispose();
            }
        }

        return new SpdyRemoteCommand(connection, protocol, streams);

        void Add(bool isWanted, string type)
        {
            if (isWanted)
            {
                missing.Add(type);
            }
        }
    }

    /// <inheritdoc/>
    public async Task CompleteAsync(RemoteCommandStatus status, CancellationToken cancellationToken)
    {
        // Clients wait for the end of each of them, and take the error stream's content as the result.
        foreach (string type in (string[])["stdout", "stderr"])
        {
            if (_streams.TryGetValue(type, out SpdyStream? output))
            {
                await output.CompleteWritesAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        SpdyStream error = _streams[Error];
        await error.WriteAsync(_protocol.HasStructuredStatus ? status.ToJson() : status.ToText(), cancellationToken).ConfigureAwait(false);
        await error.CompleteWritesAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task WatchAsync()
    {
        await _connection.Completion.ConfigureAwait(false);
        await _gone.CancelAsync().ConfigureAwait(false);
    }

    private async Task RefuseMoreAsync()
    {
        await foreach (SpdyStream stream in _connection.Incoming.ReadAllAsync().ConfigureAwait(false))
        {
            stream.Dispose();
        }
    }

    private async Task ReadResizesAsync(SpdyStream stream)
    {
        var reader = new TerminalSizeReader();
        byte[] buffer = new byte[512];
        int count;
        while ((count = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            foreach (TerminalDimensions size in reader.Append(buffer.AsSpan(0, count)))
            {
                _resizes.Writer.TryWrite(size);
            }
        }

        _resizes.Writer.Complete();
    }
}
