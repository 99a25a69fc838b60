using System.Net;
using System.Net.Sockets;
using PodAgent.Linux;

namespace PodAgent.Network;

/// <summary>A port of the host that leads to a port of a pod.</summary>
/// <param name="Protocol">The transport protocol.</param>
/// <param name="HostIp">The host's address to publish on; null: all addresses of both families. <c>::</c>: all IPv6 addresses.</param>
/// <param name="HostPort">The host's port, 1 to 65535; 0 publishes nothing, as in CRI.</param>
/// <param name="ContainerPort">The pod's port, 1 to 65535.</param>
public sealed record PortMapping(TransportProtocol Protocol, IPAddress? HostIp, int HostPort, int ContainerPort)
{
    /// <summary>Makes a mapping from the strings of an API; an empty address and <c>0.0.0.0</c> mean all addresses.</summary>
    /// <exception cref="AgentException">InvalidArgument: <paramref name="hostIp"/> is not an address.</exception>
    public static PortMapping Create(TransportProtocol protocol, string? hostIp, int hostPort, int containerPort)
    {
        if (string.IsNullOrEmpty(hostIp))
        {
            return new PortMapping(protocol, null, hostPort, containerPort);
        }

        if (!IPAddress.TryParse(hostIp, out IPAddress? address))
        {
            throw new AgentException(
                ErrorKind.InvalidArgument, $"cannot publish host port {hostPort}: host address \"{hostIp}\" is not an IP address");
        }

        return new PortMapping(protocol, address.Equals(IPAddress.Any) ? null : address, hostPort, containerPort);
    }

    /// <summary>Whether both claim the same port of the same address.</summary>
    public bool Overlaps(PortMapping other)
    {
        if (Protocol != other.Protocol || HostPort != other.HostPort)
        {
            return false;
        }

        if (IsAny(HostIp) || IsAny(other.HostIp) || HostIp!.Equals(other.HostIp))
        {
            return true;
        }

        return (HostIp.Equals(IPAddress.IPv6Any) && IsIPv6(other.HostIp!)) || (other.HostIp!.Equals(IPAddress.IPv6Any) && IsIPv6(HostIp));
    }

    /// <summary>As people write it: <c>192.0.2.7:8080/TCP</c>, or <c>8080/UDP</c> for all addresses.</summary>
    public string Describe()
    {
        string port = $"{HostPort}/{Protocol.ToString().ToUpperInvariant()}";
        return HostIp is null ? port : $"{new IPEndPoint(HostIp, 0).ToString()[..^1]}{port}";
    }

    private static bool IsAny(IPAddress? address) => address is null || address.Equals(IPAddress.Any);

    private static bool IsIPv6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;
}
