using System.Net.Sockets;
using PodAgent.Linux.Networking;

namespace PodAgent.Network.HostPorts;

/// <summary>Makes sockets in the host's network namespace for the forwarders.</summary>
/// <param name="thread">The network thread, where the host's namespace is not that of the process; null where it is.</param>
internal sealed class HostSockets(NetworkNamespaceThread? thread)
{
    public ValueTask<Socket> CreateAsync(AddressFamily family, SocketType type, ProtocolType protocol) => thread is null
        ? ValueTask.FromResult(new Socket(family, type, protocol))
        : new ValueTask<Socket>(thread.InvokeAsync(() => new Socket(family, type, protocol)));
}
