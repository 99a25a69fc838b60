using PodAgent.Linux;

namespace PodAgent.Network;

/// <summary>A sandbox that is to get a network.</summary>
/// <param name="SandboxId">The sandbox's ID: 1 to 128 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, not starting with a dot.</param>
/// <param name="NetworkNamespace">Its network namespace; needed only until the call returns.</param>
/// <param name="PortMappings">The ports of the host that lead to it.</param>
/// <param name="PodName">The pod's name for people (<c>namespace/name</c>), used in messages; null: the sandbox ID is.</param>
public sealed record AttachmentRequest(
    string SandboxId, Fd NetworkNamespace, IReadOnlyList<PortMapping> PortMappings, string? PodName = null);
