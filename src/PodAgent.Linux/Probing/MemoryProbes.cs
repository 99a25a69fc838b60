using System.Globalization;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Probing;

/// <summary>The machine's memory.</summary>
public static class MemoryProbes
{
    private const string Area = "Memory";
    private const long LowMebibytes = 100;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [
        new Probe(Area, "available", ProbeNeed.Useful, () => Judge(ControlFiles.Read("/proc/meminfo")))
        {
            Privileged = false,
            Cost = "the kernel ends processes when it runs out",
            Remedy = "more memory, or fewer pods",
        },
        new Probe(Area, "swap", ProbeNeed.Optional, () => Swap(ControlFiles.Read("/proc/meminfo")))
        {
            Privileged = false,
        },
    ];

    /// <summary>How much is available, if that is enough (the kubelet's default for eviction).</summary>
    /// <exception cref="AgentException">It is not.</exception>
    internal static string Judge(string memoryInformation)
    {
        long total = Mebibytes(memoryInformation, "MemTotal");
        long available = Mebibytes(memoryInformation, "MemAvailable");
        string text = string.Create(CultureInfo.InvariantCulture, $"{available} MiB of {total} MiB");
        return available >= LowMebibytes ? text : throw new AgentException(ErrorKind.ResourceExhausted, text);
    }

    private static string Swap(string memoryInformation)
    {
        long total = Mebibytes(memoryInformation, "SwapTotal");
        return total > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Mebibytes(memoryInformation, "SwapFree")} MiB of {total} MiB free")
            : throw new AgentException(ErrorKind.NotFound, "none");
    }

    // "MemTotal:       16384000 kB"
    private static long Mebibytes(string information, string name)
    {
        foreach (ReadOnlySpan<char> line in information.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name) && line.Length > name.Length && line[name.Length] == ':')
            {
                ReadOnlySpan<char> value = line[(name.Length + 1)..].Trim();
                int space = value.IndexOf(' ');
                return long.Parse(space < 0 ? value : value[..space], CultureInfo.InvariantCulture) / 1024;
            }
        }

        return 0;
    }
}
