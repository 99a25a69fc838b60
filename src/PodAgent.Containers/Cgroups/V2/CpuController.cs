using System.Globalization;

namespace PodAgent.Containers.Cgroups.V2;

/// <summary>cpu: cpu.weight, cpu.max, cpu.max.burst.</summary>
internal static class CpuController
{
    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        if (resources.CpuShares is > 0)
        {
            directory.Write("cpu.weight", CpuWeight.FromShares(resources.CpuShares.Value));
        }

        bool hasQuota = resources.CpuQuota is not (null or 0);
        bool hasPeriod = resources.CpuPeriod is > 0;
        if (hasQuota || hasPeriod)
        {
            // The file takes both; a lone quota leaves the period, but a period cannot come alone.
            string quota = hasQuota ? Quota(resources.CpuQuota!.Value) : directory.TryRead("cpu.max")?.Split(' ')[0].Trim() ?? "max";
            directory.Write("cpu.max", hasPeriod ? string.Create(CultureInfo.InvariantCulture, $"{quota} {resources.CpuPeriod}") : quota);
        }

        if (resources.CpuBurst is { } burst)
        {
            directory.Write("cpu.max.burst", burst);
        }
    }

    public static CpuStats? Read(ControllerDirectory directory)
    {
        Dictionary<string, ulong> stat = directory.ReadTable("cpu.stat");
        return !stat.TryGetValue("usage_usec", out ulong usage)
            ? null
            : new CpuStats(
                usage * 1000,
                stat.GetValueOrDefault("user_usec") * 1000,
                stat.GetValueOrDefault("system_usec") * 1000,
                stat.GetValueOrDefault("nr_periods"),
                stat.GetValueOrDefault("nr_throttled"),
                stat.GetValueOrDefault("throttled_usec") * 1000);
    }

    private static string Quota(long quota) => quota < 0 ? "max" : quota.ToString(CultureInfo.InvariantCulture);
}
