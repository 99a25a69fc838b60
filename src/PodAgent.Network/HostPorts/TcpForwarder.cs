using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PodAgent.Network.HostPorts;

/// <summary>Carries TCP connections from a listening socket of the host to a pod, each direction closed on its own.</summary>
internal sealed class TcpForwarder : IDisposable
{
    // Bounds the descriptors that strangers can make the agent hold; more wait in the listen queue.
    private const int MaxConnections = 512;
    private const int BufferSize = 32 * 1024;
    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly IPEndPoint _target;
    private readonly HostSockets _sockets;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(MaxConnections);
    private readonly ConcurrentDictionary<Socket, byte> _open = [];

    public TcpForwarder(Socket listener, IPEndPoint target, HostSockets sockets, TimeProvider time)
    {
        _listener = listener;
        _target = target;
        _sockets = sockets;
        _time = time;
        _ = AcceptAsync(_stop.Token);
    }

    /// <summary>Frees the port and breaks the connections.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        foreach (Socket socket in _open.Keys)
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await _slots.WaitAsync(stop).ConfigureAwait(false);
                Socket client;
                try
                {
                    client = await _listener.AcceptAsync(stop).ConfigureAwait(false);
                }
                catch
                {
                    _slots.Release();
                    throw;
                }

                _ = ServeAsync(client, stop);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) when (!stop.IsCancellationRequested)
            {
                // Out of descriptors, or a connection that was reset in the queue: nobody to tell; others must not starve of it.
                await Task.Delay(s_acceptPause, _time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        Socket? pod = null;
        try
        {
            _open.TryAdd(client, 0);
            pod = await _sockets.CreateAsync(_target.AddressFamily, SocketType.Stream, ProtocolType.Tcp).ConfigureAwait(false);
            _open.TryAdd(pod, 0);
            await pod.ConnectAsync(_target, stop).ConfigureAwait(false);
            client.NoDelay = true;
            pod.NoDelay = true;
            await Task.WhenAll(CopyAsync(client, pod, stop), CopyAsync(pod, client, stop)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client learns of a refused or broken connection the same way as from the pod itself: by a reset.
            Reset(client);
        }
        finally
        {
            Close(client);
            if (pod is not null)
            {
                Close(pod);
            }

            _slots.Release();
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationToken stop)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer.AsMemory(), stop).ConfigureAwait(false)) > 0)
            {
                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), stop).ConfigureAwait(false);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // One direction broke: the other has nobody to talk to.
            from.Dispose();
            to.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Reset(Socket client)
    {
        try
        {
            client.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }
    }

    private void Close(Socket socket)
    {
        _open.TryRemove(socket, out _);
        socket.Dispose();
    }
}
