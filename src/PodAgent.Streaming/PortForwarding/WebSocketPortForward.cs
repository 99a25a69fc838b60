using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using PodAgent.Streaming.WebSockets;

namespace PodAgent.Streaming.PortForwarding;

/// <summary>
/// Port-forward over the channels of a WebSocket: the ports are known from the request, the n-th has data channel 2n and error channel
/// 2n + 1, one connection each. Every channel begins with its port, two bytes with the low one first.
/// </summary>
public sealed class WebSocketPortForward : IChannelReceiver
{
    /// <summary>As many as channels have numbers.</summary>
    public const int MaxPorts = 127;

    private readonly WebSocketSender _sender;
    private readonly WebSocketChannels _channels;
    private readonly IPortConnector _connector;
    private readonly IReadOnlyList<int> _ports;
    private readonly Pipe[] _inputs;

    /// <param name="socket">Stays the caller's.</param>
    /// <param name="ports">At least one, at most <see cref="MaxPorts"/>.</param>
    /// <param name="isBase64">Messages are text.</param>
    /// <param name="connector">Where connections go.</param>
    public WebSocketPortForward(WebSocket socket, IReadOnlyList<int> ports, bool isBase64, IPortConnector connector)
    {
        _sender = new WebSocketSender(socket, isBase64);
        _channels = new WebSocketChannels(socket, isBase64);
        _ports = ports;
        _connector = connector;
        var options = new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 512 << 10, useSynchronizationContext: false);
        _inputs = [.. ports.Select(_ => new Pipe(options))];
    }

    /// <summary>Serves until the client has gone, every connection has ended, or the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<Exception?> receiving = _channels.ReceiveAsync(this, stop.Token);
        var forwarding = Task.WhenAll(_ports.Select((_, index) => ForwardAsync(index, stop.Token)));
        await Task.WhenAny(receiving, forwarding).ConfigureAwait(false);
        await _sender.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await receiving.ConfigureAwait(false);
        foreach (Pipe input in _inputs)
        {
            await input.Writer.CompleteAsync().ConfigureAwait(false);
        }

        await forwarding.ConfigureAwait(false);
    }

    async ValueTask IChannelReceiver.OnDataAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (channel % 2 == 0 && channel / 2 < _inputs.Length)
        {
            await _inputs[channel / 2].Writer.WriteAsync(data, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ForwardAsync(int index, CancellationToken stop)
    {
        byte dataChannel = (byte)(index * 2);
        byte errorChannel = (byte)(dataChannel + 1);
        byte[] port = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(port, (ushort)_ports[index]);
        try
        {
            await _sender.SendAsync(dataChannel, port, stop).ConfigureAwait(false);
            await _sender.SendAsync(errorChannel, port, stop).ConfigureAwait(false);
            using IPortConnection pod = await ConnectAsync(index, errorChannel, stop).ConfigureAwait(false);
            await using var client = new PortChannelStream(_inputs[index].Reader, new WebSocketChannelStream(_sender, dataChannel));
            await PortRelay.RunAsync(pod, client, static _ => ValueTask.CompletedTask, stop).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // Said on the error channel, or nobody is left to hear it.
        }
    }

    private async Task<IPortConnection> ConnectAsync(int index, byte errorChannel, CancellationToken stop)
    {
        try
        {
            return await _connector.ConnectAsync(_ports[index], stop).ConfigureAwait(false);
        }
        catch (IOException refused)
        {
            await _sender.SendAsync(errorChannel, Encoding.UTF8.GetBytes(refused.Message), stop).ConfigureAwait(false);
            throw;
        }
    }
}
