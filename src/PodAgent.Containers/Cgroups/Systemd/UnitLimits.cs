using System.Globalization;
using PodAgent.Linux.Systemd;

namespace PodAgent.Containers.Cgroups.Systemd;

/// <summary>
/// Limits as properties of a unit (systemd.resource-control(5)). systemd has to know them: it writes the files of its units anew when it reloads
/// its configuration, or when a unit beside them comes or goes.
/// </summary>
internal static class UnitLimits
{
    private const ulong DefaultPeriod = 100_000;

    // What systemd keeps of a quota beyond a reload: whole percents.
    private const ulong QuotaStep = 10_000;

    /// <summary>The properties for the limits that are given; those that systemd has none for are left out.</summary>
    /// <param name="resources">What is asked for.</param>
    /// <param name="cpuMax">The content of cpu.max, for a quota without a period or the reverse; null: the kernel's default.</param>
    public static IReadOnlyList<UnitProperty> Of(CgroupResources resources, string? cpuMax = null)
    {
        var properties = new Dictionary<string, UnitProperty>(StringComparer.Ordinal);
        if (resources.CpuShares is > 0 and { } shares)
        {
            Add(UnitProperty.Number("CPUWeight", CpuWeight.FromShares(shares)));
        }

        if (resources.CpuQuota is not (null or 0) || resources.CpuPeriod is > 0)
        {
            (long quota, ulong period) = Bandwidth(cpuMax);
            Quota(resources.CpuQuota is not (null or 0) ? resources.CpuQuota.Value : quota, resources.CpuPeriod is > 0 ? resources.CpuPeriod.Value : period);
        }

        Memory(resources);
        if (resources.PidsLimit is not (null or 0) and { } pids)
        {
            Add(Limit("TasksMax", pids));
        }

        CpuSet("AllowedCPUs", resources.CpusetCpus);
        CpuSet("AllowedMemoryNodes", resources.CpusetMems);
        if (resources.IoWeight is > 0 and { } weight)
        {
            Add(UnitProperty.Number("IOWeight", V2.IoController.Weight(weight)));
        }

        foreach ((string file, string value) in resources.Unified)
        {
            Unified(file, value.Trim());
        }

        return [.. properties.Values];

        void Add(UnitProperty property) => properties[property.Name] = property;

        void Quota(long quota, ulong period)
        {
            // Rounded up: what is lost by a reload must not be processor time.
            ulong perSecond = quota < 0 ? UnitProperty.Infinity : (ulong)((UInt128)quota * 1_000_000 / period);
            Add(UnitProperty.Number("CPUQuotaPerSecUSec", quota < 0 ? perSecond : (perSecond + QuotaStep - 1) / QuotaStep * QuotaStep));
            Add(UnitProperty.Number("CPUQuotaPeriodUSec", period));
        }

        void Memory(CgroupResources asked)
        {
            long memory = asked.MemoryLimit ?? 0;
            long swap = asked.MemorySwapLimit ?? 0;
            if (memory != 0)
            {
                Add(Limit("MemoryMax", memory));
            }

            // As the file is written: swap alone.
            if (swap < 0 || (memory < 0 && swap == 0))
            {
                Add(Limit("MemorySwapMax", -1));
            }
            else if (swap > 0 && memory > 0)
            {
                Add(UnitProperty.Number("MemorySwapMax", (ulong)(swap - memory)));
            }

            if (asked.MemoryReservation is not (null or 0) and { } reservation)
            {
                Add(Limit("MemoryLow", reservation));
            }
        }

        void CpuSet(string name, string? list)
        {
            if (!string.IsNullOrEmpty(list) && TryParseSet(list, out byte[] bits))
            {
                Add(UnitProperty.Bytes(name, bits));
            }
        }

        // A value that cannot be read here is refused by the kernel, whose word is the better one.
        void Unified(string file, string value)
        {
            switch (file)
            {
                case "cpu.max":
                    (long quota, ulong period) = Bandwidth(value);
                    if (quota != 0)
                    {
                        Quota(quota, period);
                    }

                    break;
                case "cpuset.cpus":
                    CpuSet("AllowedCPUs", value);
                    break;
                case "cpuset.mems":
                    CpuSet("AllowedMemoryNodes", value);
                    break;
                default:
                    if (Property(file) is { } name && Number(value) is { } number)
                    {
                        Add(UnitProperty.Number(name, number));
                    }

                    break;
            }
        }
    }

    /// <summary>The bits of a list such as <c>0-2,8</c>, lowest first; false when it is not one.</summary>
    internal static bool TryParseSet(string list, out byte[] bits)
    {
        const int Most = 8192;
        var found = new List<byte>();
        bits = [];
        foreach (string range in list.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = range.Split('-');
            if (ends.Length > 2
                || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last)
                || first > last || last >= Most)
            {
                return false;
            }

            for (int cpu = first; cpu <= last; cpu++)
            {
                while (found.Count <= cpu / 8)
                {
                    found.Add(0);
                }

                found[cpu / 8] |= (byte)(1 << (cpu % 8));
            }
        }

        bits = [.. found];
        return true;
    }

    private static UnitProperty Limit(string name, long limit) => UnitProperty.Number(name, limit < 0 ? UnitProperty.Infinity : (ulong)limit);

    private static string? Property(string file) => file switch
    {
        "cpu.weight" => "CPUWeight",
        "io.weight" => "IOWeight",
        "memory.min" => "MemoryMin",
        "memory.low" => "MemoryLow",
        "memory.high" => "MemoryHigh",
        "memory.max" => "MemoryMax",
        "memory.swap.max" => "MemorySwapMax",
        "pids.max" => "TasksMax",
        _ => null,
    };

    private static ulong? Number(string value) => value == "max"
        ? UnitProperty.Infinity
        : ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;

    // "max 100000", "50000 100000" or just the quota; a quota of 0: not readable.
    private static (long Quota, ulong Period) Bandwidth(string? cpuMax)
    {
        string[] fields = (cpuMax ?? "max").Split(' ', StringSplitOptions.TrimEntries);
        ulong period = fields.Length > 1 && ulong.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong given) && given > 0 ? given : DefaultPeriod;
        return fields[0] == "max"
            ? (-1, period)
            : (long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out long quota) ? quota : 0, period);
    }
}
