namespace PodAgent.Containers.Cgroups;

/// <summary>Tasks (processes and threads).</summary>
/// <param name="Current">Tasks now.</param>
/// <param name="Limit">The cgroup's own limit; null: none.</param>
public sealed record PidsStats(ulong Current, ulong? Limit);
