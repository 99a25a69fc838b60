using PodAgent.Api.Cri;
using PodAgent.Cri.Ports;

namespace PodAgent.Cri.Containers;

/// <summary>A control group's usage in CRI's messages.</summary>
internal static class UsageView
{
    public static CpuUsage Cpu(CgroupUsage usage) => new()
    {
        Timestamp = usage.Timestamp,
        UsageCoreNanoSeconds = Value(usage.CpuNanoseconds),
    };

    public static MemoryUsage Memory(CgroupUsage usage)
    {
        var memory = new MemoryUsage
        {
            Timestamp = usage.Timestamp,
            UsageBytes = Value(usage.MemoryBytes),
            WorkingSetBytes = Value(usage.WorkingSetBytes),
            RssBytes = Value(usage.RssBytes),
            PageFaults = Value(usage.PageFaults),
            MajorPageFaults = Value(usage.MajorPageFaults),
        };
        if (usage.MemoryLimitBytes is { } limit)
        {
            memory.AvailableBytes = Value(limit > usage.WorkingSetBytes ? limit - usage.WorkingSetBytes : 0);
        }

        return memory;
    }

    public static SwapUsage? Swap(CgroupUsage usage) =>
        usage.SwapBytes is { } bytes ? new SwapUsage { Timestamp = usage.Timestamp, SwapUsageBytes = Value(bytes) } : null;

    public static UInt64Value Value(ulong value) => new() { Value = value };
}
