using System.Net;
using System.Net.Sockets;

namespace PodAgent.Cli.Forwarding;

/// <summary>Listens for one port on the addresses that were asked for.</summary>
internal sealed class PortListener : IDisposable
{
    private readonly List<Socket> _sockets = [];

    private PortListener(ForwardedPort port) => Port = port;

    /// <summary>With the real local port.</summary>
    public ForwardedPort Port { get; private set; }

    public IReadOnlyList<Socket> Sockets => _sockets;

    /// <summary>Binds every address; of the two of localhost one is enough.</summary>
    /// <exception cref="CliException">An address cannot be bound.</exception>
    public static PortListener Bind(ForwardedPort port, IReadOnlyList<IPAddress> addresses, bool oneIsEnough)
    {
        var listener = new PortListener(port);
        var failures = new List<string>();
        foreach (IPAddress address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(address, listener.Port.Local));
                socket.Listen();
                listener.Port = listener.Port with { Local = ((IPEndPoint)socket.LocalEndPoint!).Port };
                listener._sockets.Add(socket);
            }
            catch (SocketException cause)
            {
                socket.Dispose();
                failures.Add($"cannot listen on {new IPEndPoint(address, listener.Port.Local)}: {cause.Message}");
            }
        }

        if (listener._sockets.Count > 0 && (oneIsEnough || failures.Count == 0))
        {
            return listener;
        }

        listener.Dispose();
        throw new CliException($"error: {string.Join("\nerror: ", failures)}");
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
}
