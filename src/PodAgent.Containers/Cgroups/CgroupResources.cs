namespace PodAgent.Containers.Cgroups;

/// <summary>
/// What a cgroup may use, in the units of the CRI (LinuxContainerResources). Null leaves a value as it is; for the numbers that have a
/// natural "none" (cpu shares, quota, period, memory, pids) zero means the same, as in the CRI. -1 lifts a limit.
/// </summary>
public sealed record CgroupResources
{
    /// <summary>Relative CPU weight, 2..262144, 1024 per CPU; on cgroup v2 converted by <see cref="CpuWeight"/>.</summary>
    public ulong? CpuShares { get; init; }

    /// <summary>CPU time per period in microseconds, at least 1000; -1: unlimited.</summary>
    public long? CpuQuota { get; init; }

    /// <summary>Length of the period in microseconds, 1000..1000000; the kernel's default is 100000.</summary>
    public ulong? CpuPeriod { get; init; }

    /// <summary>Unused CPU time that may be saved for later periods, in microseconds, at most the quota.</summary>
    public ulong? CpuBurst { get; init; }

    /// <summary>Memory in bytes; -1: unlimited.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Memory and swap together in bytes, at least <see cref="MemoryLimit"/>; -1: unlimited swap.</summary>
    public long? MemorySwapLimit { get; init; }

    /// <summary>Memory in bytes that is reclaimed last (v1 soft limit, v2 memory.low).</summary>
    public long? MemoryReservation { get; init; }

    /// <summary>On cgroup v2: an out-of-memory kill takes every process of the cgroup. Not available on v1, where it is ignored.</summary>
    public bool? MemoryOomGroup { get; init; }

    /// <summary>Number of tasks; -1: unlimited.</summary>
    public long? PidsLimit { get; init; }

    /// <summary>CPUs in list format, for example <c>0-3,8</c> (cpuset(7)); empty: not set.</summary>
    public string? CpusetCpus { get; init; }

    /// <summary>Memory nodes in list format; empty: not set.</summary>
    public string? CpusetMems { get; init; }

    /// <summary>Bytes of huge pages by page size as the kernel writes it: <c>64KB</c>, <c>2MB</c>, <c>1GB</c>.</summary>
    public IReadOnlyDictionary<string, long> HugepageLimits { get; init; } = new Dictionary<string, long>();

    /// <summary>Share of block I/O, 10..1000 as in the OCI runtime specification.</summary>
    public ushort? IoWeight { get; init; }

    /// <summary>Limits of single block devices.</summary>
    public IReadOnlyList<IoLimit> IoLimits { get; init; } = [];

    /// <summary>cgroup v2 files by name, written as they are after everything else.</summary>
    public IReadOnlyDictionary<string, string> Unified { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Access to devices; the last rule that matches decides, and what no rule matches is denied. Null: not filtered. The whole list
    /// replaces an earlier one.
    /// </summary>
    public DeviceRule[]? Devices { get; init; }
}
