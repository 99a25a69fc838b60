using System.Net;

namespace PodAgent.Network;

/// <summary>A sandbox's place in the pod network.</summary>
/// <param name="SandboxId">The sandbox's ID.</param>
/// <param name="Interface">The interface's name inside the sandbox.</param>
/// <param name="Addresses">Its addresses, the primary one first.</param>
/// <param name="Gateway">The default gateway: the bridge's address.</param>
/// <param name="HostInterface">The name of the other end of the veth pair, on the host.</param>
/// <param name="PortMappings">The ports of the host that lead to it.</param>
/// <param name="PodName">The pod's name for people; null when it was not given.</param>
public sealed record NetworkAttachment(
    string SandboxId,
    string Interface,
    IReadOnlyList<IPAddress> Addresses,
    IPAddress Gateway,
    string HostInterface,
    IReadOnlyList<PortMapping> PortMappings,
    string? PodName = null)
{
    /// <summary>How messages name the owner: <c>pod "default/web"</c>, or <c>sandbox "4f1a..."</c>.</summary>
    public string Owner => PodName is null ? $"sandbox \"{SandboxId}\"" : $"pod \"{PodName}\"";
}
