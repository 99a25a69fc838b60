using PodAgent.Api.Cri;
using PodAgent.Containers.Cgroups;
using PodAgent.Cri.Ports;

namespace PodAgent.Cri.Containers;

/// <summary>A control group's usage in CRI's messages.</summary>
internal static class UsageView
{
    public static CpuUsage Cpu(CgroupUsage usage, CpuRate? rate = null)
    {
        var cpu = new CpuUsage
        {
            Timestamp = usage.Timestamp,
            UsageCoreNanoSeconds = Value(usage.CpuNanoseconds),
            Psi = Pressure(usage.Pressure?.Cpu),
        };
        if (rate?.Update(usage.Timestamp, usage.CpuNanoseconds) is { } perSecond)
        {
            cpu.UsageNanoCores = Value(perSecond);
        }

        return cpu;
    }

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
            Psi = Pressure(usage.Pressure?.Memory),
        };
        if (usage.MemoryLimitBytes is { } limit)
        {
            memory.AvailableBytes = Value(limit > usage.WorkingSetBytes ? limit - usage.WorkingSetBytes : 0);
        }

        return memory;
    }

    public static SwapUsage? Swap(CgroupUsage usage)
    {
        if (usage.SwapBytes is not { } bytes)
        {
            return null;
        }

        var swap = new SwapUsage { Timestamp = usage.Timestamp, SwapUsageBytes = Value(bytes) };
        if (usage.SwapAvailableBytes is { } available)
        {
            swap.SwapAvailableBytes = Value(available);
        }

        return swap;
    }

    // The message holds nothing but pressure.
    public static IoUsage? Io(CgroupUsage usage) =>
        usage.Pressure?.Io is { } pressure ? new IoUsage { Timestamp = usage.Timestamp, Psi = Pressure(pressure) } : null;

    public static UInt64Value Value(ulong value) => new() { Value = value };

    private static PsiStats? Pressure(Pressure? pressure) =>
        pressure is null ? null : new PsiStats { Some = Line(pressure.Some), Full = Line(pressure.Full) };

    // CRI's total is in nanoseconds, the kernel's in microseconds.
    private static PsiData Line(PressureLine line) => new()
    {
        Total = line.TotalMicroseconds * 1000,
        Avg10 = line.Average10,
        Avg60 = line.Average60,
        Avg300 = line.Average300,
    };
}
