using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PodAgent.Network.HostPorts;

/// <summary>
/// Carries datagrams between a bound socket of the host and a pod. Each client gets a socket towards the pod, by which answers find
/// their way back; a conversation ends after a minute of silence.
/// </summary>
internal sealed class UdpForwarder : IDisposable
{
    private const int MaxConversations = 512;
    private const int MaxDatagram = 64 * 1024;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly IPEndPoint _target;
    private readonly HostSockets _sockets;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<SocketAddress, Conversation> _conversations = [];
    private readonly ITimer _sweep;

    public UdpForwarder(Socket socket, IPEndPoint target, HostSockets sockets, TimeProvider time)
    {
        _socket = socket;
        _target = target;
        _sockets = sockets;
        _time = time;
        _sweep = time.CreateTimer(_ => EndIdle(), null, s_idle, s_idle);
        _ = ReceiveAsync(_stop.Token);
    }

    /// <summary>Frees the port and ends the conversations.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _sweep.Dispose();
        _socket.Dispose();
        foreach (Conversation conversation in _conversations.Values)
        {
            conversation.Pod.Dispose();
        }

        _conversations.Clear();
    }

    private async Task ReceiveAsync(CancellationToken stop)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxDatagram);
        var client = new SocketAddress(_socket.AddressFamily);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                int count = await _socket.ReceiveFromAsync(buffer.AsMemory(), SocketFlags.None, client, stop).ConfigureAwait(false);
                Conversation? conversation = await FindAsync(client, stop).ConfigureAwait(false);
                if (conversation is not null)
                {
                    await conversation.Pod.SendAsync(buffer.AsMemory(0, count), stop).ConfigureAwait(false);
                }
            }
            catch (SocketException)
            {
                // A port-unreachable answer to something sent before: datagrams may be lost, the port stays open.
            }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
            {
                if (stop.IsCancellationRequested)
                {
                    break;
                }
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private async ValueTask<Conversation?> FindAsync(SocketAddress client, CancellationToken stop)
    {
        if (_conversations.TryGetValue(client, out Conversation? known))
        {
            known.LastUsed = _time.GetTimestamp();
            return known;
        }

        // More clients than that are more likely a flood with false senders than users.
        if (_conversations.Count >= MaxConversations)
        {
            return null;
        }

        var own = new SocketAddress(client.Family, client.Size);
        client.Buffer.Span[..client.Size].CopyTo(own.Buffer.Span);
        Socket pod = await _sockets.CreateAsync(_target.AddressFamily, SocketType.Dgram, ProtocolType.Udp).ConfigureAwait(false);
        try
        {
            await pod.ConnectAsync(_target, stop).ConfigureAwait(false);
        }
        catch
        {
            pod.Dispose();
            throw;
        }

        var conversation = new Conversation(own, pod) { LastUsed = _time.GetTimestamp() };
        _conversations[own] = conversation;
        _ = AnswerAsync(conversation, stop);
        return conversation;
    }

    private async Task AnswerAsync(Conversation conversation, CancellationToken stop)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxDatagram);
        try
        {
            while (true)
            {
                int count = await conversation.Pod.ReceiveAsync(buffer.AsMemory(), stop).ConfigureAwait(false);
                conversation.LastUsed = _time.GetTimestamp();
                await _socket.SendToAsync(buffer.AsMemory(0, count), SocketFlags.None, conversation.Client, stop).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The pod has nobody on this port, or the forwarder is closed: the client's next datagram starts anew.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            End(conversation);
        }
    }

    private void EndIdle()
    {
        foreach (Conversation conversation in _conversations.Values)
        {
            if (_time.GetElapsedTime(conversation.LastUsed) >= s_idle)
            {
                End(conversation);
            }
        }
    }

    private void End(Conversation conversation)
    {
        _conversations.TryRemove(new KeyValuePair<SocketAddress, Conversation>(conversation.Client, conversation));
        conversation.Pod.Dispose();
    }

    private sealed class Conversation(SocketAddress client, Socket pod)
    {
        private long _lastUsed;

        public SocketAddress Client => client;

        public Socket Pod => pod;

        public long LastUsed
        {
            get => Interlocked.Read(ref _lastUsed);
            set => Interlocked.Exchange(ref _lastUsed, value);
        }
    }
}
