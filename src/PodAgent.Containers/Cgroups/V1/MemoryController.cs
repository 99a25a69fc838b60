namespace PodAgent.Containers.Cgroups.V1;

/// <summary>memory: limit_in_bytes, memsw.limit_in_bytes (memory and swap together), soft limit.</summary>
internal static class MemoryController
{
    private const string Limit = "memory.limit_in_bytes";
    private const string SwapLimit = "memory.memsw.limit_in_bytes";

    // "No limit" reads back as the largest number of whole pages in a signed 64-bit integer; the page size decides its last bits.
    private const ulong Unlimited = 0x7FFF_FFFF_FFFF_0000;

    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        long memory = resources.MemoryLimit ?? 0;
        long swap = resources.MemorySwapLimit ?? 0;

        // Lifting the memory limit while the joint limit stays is refused, and means nothing.
        if (memory == -1 && swap == 0 && directory.Has(SwapLimit))
        {
            swap = -1;
        }

        // A memory limit above the present joint limit is refused; swap that nobody asked for is not given.
        if (memory > 0 && swap == 0 && directory.TryReadNumber(SwapLimit) is { } present && present < (ulong)memory)
        {
            swap = memory;
        }

        if (swap != 0 && !directory.Has(SwapLimit))
        {
            // Without swap accounting, "no swap" and "unlimited" need no limit; anything else cannot be kept.
            if (swap != -1 && swap != memory)
            {
                throw directory.Missing("memory", "the limit of memory and swap (no swap accounting)");
            }

            swap = 0;
        }

        // The kernel keeps memory <= memsw at every moment: the joint limit first when it grows, last when it shrinks.
        bool swapFirst = swap == -1 || (swap > 0 && (directory.TryReadNumber(SwapLimit) ?? 0) < (ulong)swap);
        if (swapFirst)
        {
            directory.Write(SwapLimit, swap);
        }

        if (memory != 0)
        {
            directory.Write(Limit, memory);
        }

        if (swap != 0 && !swapFirst)
        {
            directory.Write(SwapLimit, swap);
        }

        if (resources.MemoryReservation is { } reservation && reservation != 0)
        {
            directory.Write("memory.soft_limit_in_bytes", reservation);
        }
    }

    public static ulong ReadOomKills(ControllerDirectory directory) => directory.ReadTable("memory.oom_control").GetValueOrDefault("oom_kill");

    public static MemoryStats? Read(ControllerDirectory directory)
    {
        if (directory.TryReadNumber("memory.usage_in_bytes") is not { } usage)
        {
            return null;
        }

        Dictionary<string, ulong> stat = directory.ReadTable("memory.stat");
        ulong inactive = stat.GetValueOrDefault("total_inactive_file");
        ulong? limit = Known(directory.TryReadNumber(Limit));
        return new MemoryStats(
            usage,
            usage > inactive ? usage - inactive : 0,
            stat.GetValueOrDefault("total_rss"),
            stat.GetValueOrDefault("total_cache"),
            stat.TryGetValue("total_swap", out ulong swap) ? swap : null,
            limit,
            stat.GetValueOrDefault("total_pgfault"),
            stat.GetValueOrDefault("total_pgmajfault"),
            ReadOomKills(directory))
        {
            SwapLimit = Known(directory.TryReadNumber(SwapLimit)) is { } joint ? joint - Math.Min(joint, limit ?? joint) : null,
            MappedFile = stat.GetValueOrDefault("total_mapped_file"),
            Kernel = directory.TryReadNumber("memory.kmem.usage_in_bytes") ?? 0,
            Peak = directory.TryReadNumber("memory.max_usage_in_bytes"),
            LimitHits = directory.TryReadNumber("memory.failcnt") ?? 0,
        };
    }

    private static ulong? Known(ulong? limit) => limit < Unlimited ? limit : null;
}
