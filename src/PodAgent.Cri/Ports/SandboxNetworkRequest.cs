using PodAgent.Api.Cri;
using PodAgent.Linux;

namespace PodAgent.Cri.Ports;

/// <summary>What to connect.</summary>
/// <param name="SandboxId">Owner of addresses and ports.</param>
/// <param name="Namespace">The network namespace; stays the caller's. Null: that of <paramref name="PausePid"/>.</param>
/// <param name="PausePid">A process in the network namespace; 0: there is none yet.</param>
/// <param name="PortMappings">As in the sandbox's configuration; those without a host port ask for nothing.</param>
/// <param name="Holder">How to call the pod in messages about its ports.</param>
public sealed record SandboxNetworkRequest(
    string SandboxId, Fd? Namespace, int PausePid, IReadOnlyList<PortMapping> PortMappings, string Holder);
