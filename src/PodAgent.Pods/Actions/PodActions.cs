using PodAgent.Pods.Probes;
using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Actions;

/// <summary>A running container that has to go, the sentence that its event gets, and the probe that failed, which may have a grace period of its own.</summary>
internal sealed record ContainerKill(ContainerRecord Container, string Message, ProbeKind? FailedProbe = null);

/// <summary>What a pod needs next, as data: decided by <see cref="PodActionsPlanner"/>, carried out by the executor.</summary>
internal sealed record PodActions
{
    /// <summary>Everything of the pod stops: its sandbox is gone or wrong, or nothing in it will run again.</summary>
    public bool KillPod { get; init; }

    public bool CreateSandbox { get; init; }

    /// <summary>The attempt number of the sandbox to create.</summary>
    public uint Attempt { get; init; }

    /// <summary>The sandbox that goes on, when none is to be created.</summary>
    public string? SandboxId { get; init; }

    public IReadOnlyList<ContainerKill> Kill { get; init; } = [];

    /// <summary>Init containers first, in the order of the specification.</summary>
    public IReadOnlyList<ContainerRef> Start { get; init; } = [];

    public bool IsEmpty => !KillPod && !CreateSandbox && Kill.Count == 0 && Start.Count == 0;
}
