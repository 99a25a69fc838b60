using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Threading.Channels;
using PodAgent.Streaming.WebSockets;

namespace PodAgent.Streaming.RemoteCommand;

/// <summary>Exec and attach over WebSocket: the first byte of a message says which stream of the process it belongs to.</summary>
public sealed class WebSocketRemoteCommand : IRemoteCommandSession, IChannelReceiver
{
    private const byte StdinChannel = 0;
    private const byte StdoutChannel = 1;
    private const byte StderrChannel = 2;
    private const byte ErrorChannel = 3;
    private const byte ResizeChannel = 4;
    private const byte CloseChannel = 255;

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly WebSocket _socket;
    private readonly RemoteCommandProtocol _protocol;
    private readonly WebSocketSender _sender;
    private readonly Pipe _stdin = new(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 512 << 10, useSynchronizationContext: false));
    private readonly Channel<TerminalDimensions> _resizes = TerminalSizes.NewChannel();
    private readonly TerminalSizeReader _sizes = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _receiving;
    private volatile bool _leaving;
    private bool _stdinEnded;

    private WebSocketRemoteCommand(WebSocket socket, RemoteCommandProtocol protocol, RemoteCommandStreams wanted)
    {
        _protocol = protocol;
        _sender = new WebSocketSender(socket, protocol.IsBase64);
        Stdin = wanted.Stdin ? _stdin.Reader.AsStream() : null;
        Stdout = wanted.Stdout ? new WebSocketChannelStream(_sender, StdoutChannel) : null;
        Stderr = wanted.Stderr && !wanted.Tty ? new WebSocketChannelStream(_sender, StderrChannel) : null;
        _socket = socket;
        _receiving = ReceiveAsync(new WebSocketChannels(socket, protocol.IsBase64));
    }

    /// <inheritdoc/>
    public Stream? Stdin { get; }

    /// <inheritdoc/>
    public Stream? Stdout { get; }

    /// <inheritdoc/>
    public Stream? Stderr { get; }

    /// <inheritdoc/>
    public ChannelReader<TerminalDimensions> Resizes => _resizes.Reader;

    /// <inheritdoc/>
    public CancellationToken ClientGone => _gone.Token;

    /// <summary>Begins the session; an empty message tells the client so, as clients without another sign expect.</summary>
    public static async Task<WebSocketRemoteCommand> StartAsync(
        WebSocket socket, RemoteCommandProtocol protocol, RemoteCommandStreams wanted, CancellationToken cancellationToken)
    {
        var session = new WebSocketRemoteCommand(socket, protocol, wanted);
        byte first = wanted.Stdout ? StdoutChannel : wanted.Stderr && !wanted.Tty ? StderrChannel : ErrorChannel;
        await session._sender.SendAsync(first, ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false);
        return session;
    }

    /// <inheritdoc/>
    public async Task CompleteAsync(RemoteCommandStatus status, CancellationToken cancellationToken)
    {
        byte[] text = _protocol.HasStructuredStatus ? status.ToJson() : status.ToText();
        if (text.Length > 0)
        {
            await _sender.SendAsync(ErrorChannel, text, cancellationToken).ConfigureAwait(false);
        }

        _leaving = true;

        // Clients take code 1000, and no other, as the end of their streams.
        await _sender.CloseAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(s_farewell);
        _leaving = true;
        try
        {
            await _sender.CloseAsync(WebSocketCloseStatus.NormalClosure, "", limit.Token).ConfigureAwait(false);

            // Input that nobody needs any more must not keep the client's close frame away.
            _stdin.Writer.CancelPendingFlush();
            await _receiving.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It stays without saying so.
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
    }

    async ValueTask IChannelReceiver.OnDataAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        switch (channel)
        {
            case StdinChannel when Stdin is not null && !_stdinEnded && !_leaving:
                await _stdin.Writer.WriteAsync(data, cancellationToken).ConfigureAwait(false);
                break;
            case ResizeChannel when _protocol.HasResize:
                foreach (TerminalDimensions size in _sizes.Append(data.Span))
                {
                    _resizes.Writer.TryWrite(size);
                }

                break;
            case CloseChannel when _protocol.HasCloseSignal && data.Span[0] == StdinChannel:
                EndStdin();
                break;
            default:
                // Channels that only the server writes, or that the request did not ask for.
                break;
        }
    }

    private async Task ReceiveAsync(WebSocketChannels channels)
    {
        await channels.ReceiveAsync(this, _closing.Token).ConfigureAwait(false);
        EndStdin();
        _resizes.Writer.TryComplete();
        await _gone.CancelAsync().ConfigureAwait(false);
        if (!_leaving)
        {
            await AnswerCloseAsync().ConfigureAwait(false);
        }
    }

    // The client left first. What is still being sent to it must not keep a process waiting.
    private async Task AnswerCloseAsync()
    {
        using var limit = new CancellationTokenSource(s_farewell);
        try
        {
            await _sender.CloseAsync(WebSocketCloseStatus.NormalClosure, "", limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It does not read either.
        }

        _socket.Abort();
    }

    private void EndStdin()
    {
        if (!_stdinEnded)
        {
            _stdinEnded = true;
            _stdin.Writer.Complete();
        }
    }
}
