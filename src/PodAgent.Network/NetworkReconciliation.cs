namespace PodAgent.Network;

/// <summary>What a comparison of records, leases, interfaces and rules with the living sandboxes found and did.</summary>
/// <param name="Removed">Sandboxes of whom something was left and has been removed.</param>
/// <param name="Problems">What could not be put right, in words for the log: a taken port, a missing interface, an unreadable record.</param>
public sealed record NetworkReconciliation(IReadOnlyList<string> Removed, IReadOnlyList<string> Problems);
