using PodAgent.Streaming.PortForwarding;

namespace PodAgent.Cri.Ports;

/// <summary>Listening ports inside pods.</summary>
public interface IPodPorts
{
    /// <summary>Connects to a port of localhost, IPv4 first and then IPv6, as a process of the pod would.</summary>
    /// <param name="pausePid">A process in the pod's network namespace.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="IOException">Nobody listens, or the namespace is gone; the message has the causes.</exception>
    Task<IPortConnection> ConnectAsync(int pausePid, int port, CancellationToken cancellationToken);
}
