using System.Net;
using System.Net.Sockets;
using PodAgent.Linux;
using PodAgent.Linux.Networking;

namespace PodAgent.Network.HostPorts;

/// <summary>
/// Sockets that hold a published port on the host. They are bound to the published address itself, so that any process that wants the
/// port is told it is taken, and a port that is taken is found out. nftables takes the packets away before they get here; what remains is
/// loopback (which is never rewritten: route_localnet stays 0), IPv6, and everything while the rules are missing.
/// </summary>
internal static class HostPortReservation
{
    /// <summary>Binds the sockets of a mapping. Runs on the network thread, whose namespace they get.</summary>
    /// <exception cref="AgentException">AlreadyExists: a process of the host holds the port.</exception>
    public static IReadOnlyList<Socket> Bind(PortMapping mapping)
    {
        List<Socket> sockets = [];
        try
        {
            foreach (IPAddress address in Addresses(mapping))
            {
                if (BindOne(mapping, address) is { } socket)
                {
                    sockets.Add(socket);
                }
            }

            return sockets;
        }
        catch
        {
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }
    }

    private static IPAddress[] Addresses(PortMapping mapping) => mapping switch
    {
        { Protocol: TransportProtocol.Sctp } => [],
        { HostIp: null } => [IPAddress.Any, IPAddress.IPv6Any],
        _ => [mapping.HostIp],
    };

    private static Socket? BindOne(PortMapping mapping, IPAddress address)
    {
        bool isTcp = mapping.Protocol == TransportProtocol.Tcp;
        Socket? socket = null;
        try
        {
            socket = new Socket(
                address.AddressFamily, isTcp ? SocketType.Stream : SocketType.Dgram, isTcp ? ProtocolType.Tcp : ProtocolType.Udp);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            if (mapping.HostIp is not null)
            {
                AddressBinding.AllowMissingAddress(socket);
            }

            socket.Bind(new IPEndPoint(address, mapping.HostPort));
            if (isTcp)
            {
                // Only a listening socket keeps others, who allow reuse, away from the port.
                socket.Listen(128);
            }

            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            // A host without IPv6 has no such port to hold.
            if (mapping.HostIp is null
                && address.AddressFamily == AddressFamily.InterNetworkV6
                && e.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
            {
                return null;
            }

            throw Refusal(mapping, address, e);
        }
    }

    private static AgentException Refusal(PortMapping mapping, IPAddress address, SocketException e)
    {
        if (e.SocketErrorCode != SocketError.AddressAlreadyInUse)
        {
            return new AgentException(ErrorKind.FailedPrecondition, $"cannot reserve host port {mapping.Describe()}: {e.Message}", e);
        }

        string holder = PortHolder.Describe(mapping.Protocol, address, mapping.HostPort) ?? "a process that cannot be determined";
        return new AgentException(ErrorKind.AlreadyExists, $"host port {mapping.Describe()} is taken by {holder}", e);
    }
}
