using System.Net;
using System.Net.Sockets;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using PodAgent.Linux.Networking;
using PodAgent.Streaming.PortForwarding;

namespace PodAgent.Cri.Adapters;

/// <summary>Sockets made inside pods' network namespaces. A socket stays in the namespace where it was made, whichever thread uses it.</summary>
internal sealed class PodSockets : IPodPorts, IDisposable
{
    private readonly Lazy<NetworkNamespaceThread> _thread = new(static () => new NetworkNamespaceThread("port-forward"));

    public async Task<IPortConnection> ConnectAsync(int pausePid, int port, CancellationToken cancellationToken)
    {
        var causes = new List<string>();
        foreach ((IPAddress address, string family) in ((IPAddress, string)[])[(IPAddress.Loopback, "IPv4"), (IPAddress.IPv6Loopback, "IPv6")])
        {
            Socket? socket = null;
            try
            {
                socket = await OpenAsync(pausePid, address.AddressFamily).ConfigureAwait(false);
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
                socket.NoDelay = true;
                return new PodSocket(socket);
            }
            catch (Exception failure) when (failure is SocketException or LinuxException)
            {
                socket?.Dispose();
                causes.Add($"{family}: {Cause(failure)}");
            }
            catch
            {
                socket?.Dispose();
                throw;
            }
        }

        throw new IOException(string.Join(", ", causes));
    }

    public void Dispose()
    {
        if (_thread.IsValueCreated)
        {
            _thread.Value.Dispose();
        }
    }

    private Task<Socket> OpenAsync(int pausePid, AddressFamily family)
    {
        NetworkNamespaceThread thread = _thread.Value;
        return thread.InvokeAsync(() =>
        {
            using Fd @namespace = NetworkNamespaces.OpenOf(pausePid);
            return thread.Within(@namespace, () => new Socket(family, SocketType.Stream, ProtocolType.Tcp));
        });
    }

    private static string Cause(Exception failure) => failure is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
        ? "connection refused"
        : failure.Message;

    private sealed class PodSocket(Socket socket) : IPortConnection
    {
        public Stream Stream { get; } = new NetworkStream(socket, ownsSocket: true);

        public void CompleteSending()
        {
            try
            {
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The pod has closed the connection already.
            }
        }

        public void Dispose() => Stream.Dispose();
    }
}
