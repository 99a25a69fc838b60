using System.Net;

namespace PodAgent.Network;

/// <summary>A sandbox's place in the pod network.</summary>
/// <param name="SandboxId">The sandbox's ID.</param>
/// <param name="Interface">The interface's name inside the sandbox.</param>
/// <param name="Addresses">Its addresses, the primary one first.</param>
/// <param name="Gateway">The default gateway: the bridge's address.</param>
/// <param name="HostInterface">The name of the other end of the veth pair, on the host.</param>
/// <param name="PortMappings">The ports of the host that lead to it.</param>
public sealed record NetworkAttachment(
    string SandboxId,
    string Interface,
    IReadOnlyList<IPAddress> Addresses,
    IPAddress Gateway,
    string HostInterface,
    IReadOnlyList<PortMapping> PortMappings);
