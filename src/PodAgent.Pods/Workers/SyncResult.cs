using PodAgent.Pods.Status;

namespace PodAgent.Pods.Workers;

/// <summary>What a round of a worker has found out.</summary>
/// <param name="WakeAt">When to look again although nothing happened.</param>
/// <param name="Ended">Nothing of the pod will run again.</param>
/// <param name="Cause">The agent ends the pod.</param>
internal sealed record SyncResult(DateTimeOffset? WakeAt = null, bool Ended = false, TerminalCause? Cause = null);
