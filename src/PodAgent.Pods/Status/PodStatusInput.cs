using PodAgent.Pods.Probes;
using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Status;

/// <summary>Why a container is not running, in the API's words: a reason that tools know and a sentence.</summary>
internal sealed record ContainerIssue(string Reason, string Message);

/// <summary>Why the agent itself ended a pod (deadline, eviction): overrides what the containers would say.</summary>
internal sealed record TerminalCause(string Reason, string Message);

/// <summary>All that a pod's status is made of.</summary>
internal sealed record PodStatusInput
{
    public required Core.Pod Pod { get; init; }

    public required PodRuntimeStatus Runtime { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required IReadOnlyList<string> HostIps { get; init; }

    public ProbeSnapshot Probes { get; init; } = ProbeSnapshot.None;

    /// <summary>By container name; what the last try to start it ran into.</summary>
    public IReadOnlyDictionary<string, ContainerIssue> Issues { get; init; } = new Dictionary<string, ContainerIssue>();

    /// <summary>By the runtime's container ID, of ended attempts.</summary>
    public IReadOnlyDictionary<string, string> TerminationMessages { get; init; } = new Dictionary<string, string>();

    /// <summary>The status that was published last: keeps start time, transition times and terminal phases.</summary>
    public Core.PodStatus? Previous { get; init; }

    public bool Terminating { get; init; }

    public TerminalCause? Cause { get; init; }
}
