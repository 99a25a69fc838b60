using PodAgent.Containers.Cgroups;

namespace PodAgent.Cri.Ports;

/// <summary>What the processes of a control group used so far, and now.</summary>
public sealed record CgroupUsage
{
    /// <summary>When it was read, Unix nanoseconds.</summary>
    public long Timestamp { get; init; }

    /// <summary>Processor time, nanoseconds over all cores.</summary>
    public ulong CpuNanoseconds { get; init; }

    /// <summary>Bytes charged, page cache included.</summary>
    public ulong MemoryBytes { get; init; }

    /// <summary>Bytes that cannot be reclaimed easily.</summary>
    public ulong WorkingSetBytes { get; init; }

    /// <summary>Anonymous bytes.</summary>
    public ulong RssBytes { get; init; }

    /// <summary>Page faults.</summary>
    public ulong PageFaults { get; init; }

    /// <summary>Page faults that needed a device.</summary>
    public ulong MajorPageFaults { get; init; }

    /// <summary>Null: unlimited.</summary>
    public ulong? MemoryLimitBytes { get; init; }

    /// <summary>Null: not accounted.</summary>
    public ulong? SwapBytes { get; init; }

    /// <summary>What the limits leave of swap; null: without limit, or not accounted.</summary>
    public ulong? SwapAvailableBytes { get; init; }

    /// <summary>How long tasks had to wait; null: the kernel does not say, as always on cgroup v1.</summary>
    public PressureStats? Pressure { get; init; }

    /// <summary>Everything that was read; for the metrics.</summary>
    public CgroupStats Stats { get; init; } = new(null, null, null, [], null);

    /// <summary>Processes now.</summary>
    public ulong Processes { get; init; }
}
