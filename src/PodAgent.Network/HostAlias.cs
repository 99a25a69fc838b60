using System.Net;

namespace PodAgent.Network;

/// <summary>An additional line of a pod's hosts file (<c>spec.hostAliases</c>).</summary>
/// <param name="Address">The address.</param>
/// <param name="HostNames">The names for it.</param>
public sealed record HostAlias(IPAddress Address, IReadOnlyList<string> HostNames);
