namespace PodAgent.Containers.Cgroups;

/// <summary>CPU time, cumulative.</summary>
/// <param name="UsageNanoseconds">Total time on all CPUs.</param>
/// <param name="UserNanoseconds">Time in user mode.</param>
/// <param name="SystemNanoseconds">Time in kernel mode.</param>
/// <param name="Periods">Elapsed quota periods.</param>
/// <param name="ThrottledPeriods">Periods in which the quota was used up.</param>
/// <param name="ThrottledNanoseconds">Time for which tasks had to wait for the next period.</param>
public sealed record CpuStats(
    ulong UsageNanoseconds,
    ulong UserNanoseconds,
    ulong SystemNanoseconds,
    ulong Periods,
    ulong ThrottledPeriods,
    ulong ThrottledNanoseconds);
