using System.Net.Sockets;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Networking;

/// <summary>Options for binding sockets that the framework has no name for.</summary>
public static class AddressBinding
{
    /// <summary>Lets the socket bind an address that the host does not have yet, as a floating one (IP_FREEBIND in ip(7)).</summary>
    public static void AllowMissingAddress(Socket socket)
    {
        Span<byte> on = [1, 0, 0, 0];
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.SetRawSocketOption(SocketConstants.SOL_IPV6, SocketConstants.IPV6_FREEBIND, on);
        }
        else
        {
            socket.SetRawSocketOption(SocketConstants.SOL_IP, SocketConstants.IP_FREEBIND, on);
        }
    }
}
