using PodAgent.Pods.Status;

namespace PodAgent.Pods.Workers;

/// <summary>
/// A worker's state: immutable, replaced under the worker's lock. The phase follows from the times, so it cannot contradict them.
/// <code>
///            Update (latest wins)
///               ┌────┐
///               ▼    │     RequestTermination (deletion, end of all containers, deadline)
///            ┌────────┐  ─────────────────────────────►  ┌─────────────┐ ──┐ RequestTermination:
///    new ──► │  Sync  │                                  │ Terminating │   │ the deadline only comes nearer
///            └────────┘                                  └─────────────┘ ◄─┘
///                                                               │ MarkTerminated (nothing runs)
///                                                               ▼
///                                                        ┌─────────────┐
///                                                        │ Terminated  │ ──► forgotten once Remove is set
///                                                        └─────────────┘
/// </code>
/// </summary>
internal sealed record PodWorkerState
{
    /// <summary>The latest desired pod.</summary>
    public required Core.Pod Pod { get; init; }

    public DateTimeOffset? TerminatingAt { get; init; }

    /// <summary>When what still runs is killed.</summary>
    public DateTimeOffset? KillAt { get; init; }

    /// <summary>The shortest grace that was asked for: zero means kill at once, without the courtesy of a minimum.</summary>
    public TimeSpan? Grace { get; init; }

    public DateTimeOffset? TerminatedAt { get; init; }

    /// <summary>Nobody wants the pod any more: forget it when it has ended.</summary>
    public bool Remove { get; init; }

    public TerminalCause? Cause { get; init; }

    public PodPhaseWork Work => TerminatedAt is not null ? PodPhaseWork.Terminated
        : TerminatingAt is not null ? PodPhaseWork.Terminating
        : PodPhaseWork.Sync;

    /// <summary>A pod that is being stopped takes no changes.</summary>
    public PodWorkerState Update(Core.Pod pod) => Work == PodPhaseWork.Sync ? this with { Pod = pod } : this;

    /// <param name="now">The present.</param>
    /// <param name="grace">How long its containers may take.</param>
    /// <param name="remove">Whether the pod is to be forgotten afterwards.</param>
    /// <param name="cause">Why the agent ends it; the first cause stays.</param>
    public PodWorkerState RequestTermination(DateTimeOffset now, TimeSpan grace, bool remove, TerminalCause? cause = null)
    {
        DateTimeOffset killAt = now + grace;
        return this with
        {
            TerminatingAt = TerminatingAt ?? now,
            KillAt = KillAt is { } earlier && earlier < killAt ? earlier : killAt,
            Grace = Grace is { } shorter && shorter < grace ? shorter : grace,
            Remove = Remove || remove,
            Cause = Cause ?? cause,
        };
    }

    public PodWorkerState MarkTerminated(DateTimeOffset now) => TerminatingAt is null
        ? throw new InvalidOperationException("a pod cannot be terminated before it is terminating")
        : this with { TerminatedAt = TerminatedAt ?? now };
}
