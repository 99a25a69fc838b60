using System.Globalization;
using PodAgent.Linux;

namespace PodAgent.Containers.Cgroups.V2;

/// <summary>memory: memory.max, memory.swap.max (swap alone, unlike v1), memory.low, memory.oom.group.</summary>
internal static class MemoryController
{
    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        long memory = resources.MemoryLimit ?? 0;
        long swap = resources.MemorySwapLimit ?? 0;

        // Unlimited memory next to an unset joint limit means unlimited swap, as on v1.
        if (memory == -1 && swap == 0)
        {
            swap = -1;
        }

        if (swap != 0)
        {
            WriteSwap(directory, memory, swap);
        }

        if (memory != 0)
        {
            directory.Write("memory.max", Limit(memory));
        }

        if (resources.MemoryReservation is { } reservation && reservation != 0)
        {
            directory.Write("memory.low", Limit(reservation));
        }

        if (resources.MemoryOomGroup is { } group)
        {
            directory.Write("memory.oom.group", group ? "1" : "0");
        }
    }

    public static ulong ReadOomKills(ControllerDirectory directory) => directory.ReadTable("memory.events").GetValueOrDefault("oom_kill");

    public static MemoryStats? Read(ControllerDirectory directory)
    {
        if (directory.TryReadNumber("memory.current") is not { } usage)
        {
            return null;
        }

        Dictionary<string, ulong> stat = directory.ReadTable("memory.stat");
        ulong inactive = stat.GetValueOrDefault("inactive_file");
        return new MemoryStats(
            usage,
            usage > inactive ? usage - inactive : 0,
            stat.GetValueOrDefault("anon"),
            stat.GetValueOrDefault("file"),
            directory.TryReadNumber("memory.swap.current"),
            directory.TryReadNumber("memory.max"),
            stat.GetValueOrDefault("pgfault"),
            stat.GetValueOrDefault("pgmajfault"),
            ReadOomKills(directory))
        {
            SwapLimit = directory.TryReadNumber("memory.swap.max"),
            MappedFile = stat.GetValueOrDefault("file_mapped"),

            // "kernel" sums up the others since Linux 5.18.
            Kernel = stat.TryGetValue("kernel", out ulong kernel)
                ? kernel
                : stat.GetValueOrDefault("kernel_stack") + stat.GetValueOrDefault("slab") + stat.GetValueOrDefault("pagetables"),
            Peak = directory.TryReadNumber("memory.peak"),
            LimitHits = directory.ReadTable("memory.events").GetValueOrDefault("max"),
        };
    }

    private static void WriteSwap(ControllerDirectory directory, long memory, long swap)
    {
        if (swap > 0 && memory <= 0)
        {
            throw new AgentException(
                ErrorKind.InvalidArgument,
                $"invalid resources for cgroup \"{directory.Cgroup}\": a limit of memory and swap together needs a memory limit on cgroup v2");
        }

        // A kernel without swap has no such file: no swap, and unlimited swap, are kept by themselves.
        if (!directory.Has("memory.swap.max") && (swap == -1 || swap == memory))
        {
            return;
        }

        directory.Write("memory.swap.max", swap == -1 ? "max" : Limit(swap - memory));
    }

    private static string Limit(long bytes) => bytes < 0 ? "max" : bytes.ToString(CultureInfo.InvariantCulture);
}
