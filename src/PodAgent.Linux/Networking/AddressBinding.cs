using System.Net.Sockets;

namespace PodAgent.Linux.Networking;

/// <summary>Options for binding sockets that the framework has no name for.</summary>
public static class AddressBinding
{
    private const int SOL_IP = 0;
    private const int SOL_IPV6 = 41;
    private const int IP_FREEBIND = 15;
    private const int IPV6_FREEBIND = 78;

    /// <summary>Lets the socket bind an address that the host does not have yet, as a floating one (IP_FREEBIND in ip(7)).</summary>
    public static void AllowMissingAddress(Socket socket)
    {
        Span<byte> on = [1, 0, 0, 0];
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.SetRawSocketOption(SOL_IPV6, IPV6_FREEBIND, on);
        }
        else
        {
            socket.SetRawSocketOption(SOL_IP, IP_FREEBIND, on);
        }
    }
}
