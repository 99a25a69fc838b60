using PodAgent.Api.Cri;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Sandboxes;

namespace PodAgent.Cri.Stores;

/// <summary>What the runtime knows about a sandbox; never changed, only replaced.</summary>
/// <remarks>
/// <code>
///   RunPodSandbox                StopPodSandbox, pause or supervisor died              RemovePodSandbox
///  ───────────────► READY ──────────────────────────────────────────────► NOTREADY ──────────────────► (gone)
///        │                                                                    ▲
///        └─ fails: nothing is left                                           └─ never back: a pod that goes on gets a new sandbox
/// </code>
/// </remarks>
public sealed record SandboxRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>As the client gave it; nobody changes it.</summary>
    public required PodSandboxConfig Config { get; init; }

    /// <summary>As the client gave it.</summary>
    public string RuntimeHandler { get; init; } = "";

    /// <summary>Unix nanoseconds.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Unix nanoseconds; 0: not stopped.</summary>
    public long StoppedAt { get; init; }

    /// <summary>The pod's control group, relative to the cgroup root.</summary>
    public required string CgroupParent { get; init; }

    /// <summary>Whether the runtime made <see cref="CgroupParent"/>, so that it is the one to take it away.</summary>
    public bool OwnsCgroupParent { get; init; }

    /// <summary>The pod's own addresses; none on the node's network.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Process ID of pause.</summary>
    public int PausePid { get; init; }

    /// <summary>Whether something has to be given back to the network.</summary>
    public bool NetworkAttached { get; init; }

    /// <summary>What the pod may use since UpdatePodSandboxResources; null: what its configuration says.</summary>
    public LinuxContainerResources? Resources { get; init; }

    /// <summary>What the pod takes beside its containers, since UpdatePodSandboxResources; null: what its configuration says.</summary>
    public LinuxContainerResources? Overhead { get; init; }

    /// <summary>The resources in force; null: never said.</summary>
    public LinuxContainerResources? EffectiveResources => Resources ?? Config.Linux?.Resources;

    /// <summary>The overhead in force; null: never said.</summary>
    public LinuxContainerResources? EffectiveOverhead => Overhead ?? Config.Linux?.Overhead;

    /// <summary>Derived from the timestamps.</summary>
    public PodSandboxState State => StoppedAt == 0 ? PodSandboxState.SandboxReady : PodSandboxState.SandboxNotready;

    /// <summary>Control group of pause.</summary>
    public string PauseCgroup => CgroupNames.Container(CgroupParent, Id);

    /// <summary>How the pod is called in messages.</summary>
    public string PodName => $"{Config.Metadata.Namespace}/{Config.Metadata.Name}";

    /// <summary>The pod's user namespace; null: it has the host's users.</summary>
    public SandboxOwners? Owners => UserNamespaceOptions.MappingOf(Namespaces) is { } mapping ? new SandboxOwners(PausePid, mapping) : null;

    /// <summary>The namespaces that were asked for.</summary>
    public NamespaceOption Namespaces => Config.Linux?.SecurityContext?.NamespaceOptions ?? new NamespaceOption();
}
