using System.Globalization;
using PodAgent.Linux;

namespace PodAgent.Containers.Cgroups.V1;

/// <summary>cpu and cpuacct: cpu.shares, cpu.cfs_*, cpuacct.usage.</summary>
internal static class CpuController
{
    // sysconf(_SC_CLK_TCK): part of the kernel's ABI, 100 on every architecture that is supported here.
    private const ulong NanosecondsPerTick = 10_000_000;

    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        if (resources.CpuShares is > 0)
        {
            directory.Write("cpu.shares", resources.CpuShares.Value);
        }

        string? period = resources.CpuPeriod is > 0 ? resources.CpuPeriod.Value.ToString(CultureInfo.InvariantCulture) : null;
        bool hasQuota = resources.CpuQuota is not (null or 0);

        // The kernel refuses a period that, with the present quota, would exceed the parent's share (EINVAL). Then the new quota has to
        // come first.
        bool periodLast = period is not null && directory.TryWrite("cpu.cfs_period_us", period, hasQuota ? [Errno.EINVAL] : []) is not null;
        if (hasQuota)
        {
            directory.Write("cpu.cfs_quota_us", resources.CpuQuota!.Value);
        }

        if (periodLast)
        {
            directory.Write("cpu.cfs_period_us", period!);
        }

        if (resources.CpuBurst is { } burst)
        {
            directory.Write("cpu.cfs_burst_us", burst);
        }
    }

    public static CpuStats? Read(ControllerDirectory? cpu, ControllerDirectory? cpuacct)
    {
        if (cpuacct?.TryReadNumber("cpuacct.usage") is not { } usage)
        {
            return null;
        }

        Dictionary<string, ulong> times = cpuacct.Value.ReadTable("cpuacct.stat");
        Dictionary<string, ulong> throttling = cpu?.ReadTable("cpu.stat") ?? [];
        return new CpuStats(
            usage,
            times.GetValueOrDefault("user") * NanosecondsPerTick,
            times.GetValueOrDefault("system") * NanosecondsPerTick,
            throttling.GetValueOrDefault("nr_periods"),
            throttling.GetValueOrDefault("nr_throttled"),
            throttling.GetValueOrDefault("throttled_time"));
    }
}
