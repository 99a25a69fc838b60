namespace PodAgent.Streaming.PortForwarding;

/// <summary>Where forwarded connections go.</summary>
public interface IPortConnector
{
    /// <summary>Connects to a port of the pod.</summary>
    /// <exception cref="IOException">Nobody listens, or the pod cannot be reached; the message goes to the client as it is.</exception>
    Task<IPortConnection> ConnectAsync(int port, CancellationToken cancellationToken);
}
