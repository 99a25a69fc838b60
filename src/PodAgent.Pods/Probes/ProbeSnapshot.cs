namespace PodAgent.Pods.Probes;

/// <summary>What probes say about a pod's running attempts, by the runtime's container ID. Attempts without a probe appear nowhere.</summary>
internal sealed record ProbeSnapshot
{
    public static readonly ProbeSnapshot None = new();

    public IReadOnlySet<string> LivenessFailed { get; init; } = new HashSet<string>();

    public IReadOnlySet<string> StartupFailed { get; init; } = new HashSet<string>();

    /// <summary>Has a startup probe that has not succeeded yet.</summary>
    public IReadOnlySet<string> NotStarted { get; init; } = new HashSet<string>();

    /// <summary>Has a readiness probe whose latest verdict is failure, or none yet.</summary>
    public IReadOnlySet<string> NotReady { get; init; } = new HashSet<string>();

    public bool IsStarted(string containerId) => !NotStarted.Contains(containerId);

    public bool IsReady(string containerId) => IsStarted(containerId) && !NotReady.Contains(containerId);
}
