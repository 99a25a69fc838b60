namespace PodAgent.Containers.Cgroups;

/// <summary>Memory, in bytes unless said otherwise.</summary>
/// <param name="Usage">Everything that is charged, page cache included.</param>
/// <param name="WorkingSet">Usage without the page cache that could be dropped at once (inactive file pages); what eviction looks at.</param>
/// <param name="Rss">Anonymous memory.</param>
/// <param name="Cache">Page cache, tmpfs included.</param>
/// <param name="Swap">Swapped out; null when swap is not accounted.</param>
/// <param name="Limit">The cgroup's own limit; null: none.</param>
/// <param name="PageFaults">Page faults, cumulative.</param>
/// <param name="MajorPageFaults">Page faults that needed I/O, cumulative.</param>
/// <param name="OomKills">Processes killed for lack of memory, cumulative.</param>
public sealed record MemoryStats(
    ulong Usage,
    ulong WorkingSet,
    ulong Rss,
    ulong Cache,
    ulong? Swap,
    ulong? Limit,
    ulong PageFaults,
    ulong MajorPageFaults,
    ulong OomKills)
{
    /// <summary>The cgroup's own limit of swap alone; null: none, or swap is not accounted.</summary>
    public ulong? SwapLimit { get; init; }

    /// <summary>Files that processes have mapped.</summary>
    public ulong MappedFile { get; init; }

    /// <summary>The kernel's own memory on behalf of the processes.</summary>
    public ulong Kernel { get; init; }

    /// <summary>The highest usage so far; null: the kernel does not keep it (cgroup v2 before Linux 5.19).</summary>
    public ulong? Peak { get; init; }

    /// <summary>How often usage was at the limit, cumulative.</summary>
    public ulong LimitHits { get; init; }

    /// <summary>What the limit leaves beyond the working set; null without a limit.</summary>
    public ulong? Available => Limit is not { } limit ? null : limit > WorkingSet ? limit - WorkingSet : 0;
}
