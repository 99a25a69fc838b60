using System.Globalization;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Probing;

/// <summary>Limits of the kernel that a node full of pods meets before an idle machine does.</summary>
public static class LimitProbes
{
    private const string Area = "Limits";

    /// <summary>The probes for a process.</summary>
    /// <param name="pid">The agent's; 0: the calling process.</param>
    public static IReadOnlyList<Probe> Of(int pid) =>
    [
        AtLeast(Area, "inotify watches", "fs.inotify.max_user_watches", 65536, "programs that watch files fail with \"no space left on device\""),
        AtLeast(Area, "inotify instances", "fs.inotify.max_user_instances", 512, "programs that watch files fail with \"too many open files\""),
        AtLeast(Area, "process ids", "kernel.pid_max", 65536, "all pods together have no more processes and threads than that"),
        AtLeast(Area, "threads", "kernel.threads-max", 65536, "all pods together have no more threads than that"),
        AtLeast(Area, "open files of the machine", "fs.file-max", 262144, "opening files and sockets fails on the whole machine"),
        new Probe(Area, "open files of a process", ProbeNeed.Useful, () => JudgeOpenFiles(Limits(pid)))
        {
            Privileged = false,
            Cost = "an agent with many pods and streams runs out of descriptors; containers inherit the limit",
            Remedy = "LimitNOFILE=1048576 in the agent's systemd unit, or ulimit -Hn",
        },
        AtLeast(Area, "memory maps of a process", "vm.max_map_count", 65530, "databases that map many files do not start"),
        AtLeast(Area, "keys of root", "kernel.keys.root_maxkeys", 10000, "programs that use kernel keyrings fail"),
        AtLeast(Area, "neighbours (IPv4)", "net.ipv4.neigh.default.gc_thresh3", 1024, "with more pods than that, connections between them stall"),
        AtLeast(Area, "neighbours (IPv6)", "net.ipv6.neigh.default.gc_thresh3", 1024, "with more pods than that, connections between them stall"),
        AtLeast(Area, "tracked connections", "net.netfilter.nf_conntrack_max", 32768, "new connections through published ports and masquerading are dropped", ProbeNeed.Optional),
    ];

    /// <summary>A numeric sysctl (below /proc/sys) that should not be smaller than <paramref name="least"/>.</summary>
    internal static Probe AtLeast(string area, string name, string setting, long least, string cost, ProbeNeed need = ProbeNeed.Useful) =>
        new(area, name, need, () => Judge(setting, Read(setting), least))
        {
            Privileged = false,
            Cost = cost,
            Remedy = string.Create(CultureInfo.InvariantCulture, $"sysctl -w {setting}={least}, and the same in /etc/sysctl.d"),
        };

    /// <summary>The text for a value that is large enough.</summary>
    /// <exception cref="AgentException">It is too small.</exception>
    internal static string Judge(string setting, long value, long least) => value >= least
        ? string.Create(CultureInfo.InvariantCulture, $"{value}")
        : throw new AgentException(ErrorKind.ResourceExhausted, string.Create(CultureInfo.InvariantCulture, $"{setting} is {value}, less than {least}"));

    private static long Read(string setting)
    {
        string path = "/proc/sys/" + setting.Replace('.', '/');
        string text = ControlFiles.TryRead(path)
            ?? throw new ProbeSkippedException($"this kernel does not show {setting}");
        return long.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : long.MaxValue;
    }

    private static string Limits(int pid) =>
        ControlFiles.TryRead(pid == 0 ? "/proc/self/limits" : $"/proc/{pid}/limits")
        ?? throw new ProbeSkippedException($"process {pid} cannot be looked at");

    /// <summary>The hard limit in the text of /proc/PID/limits, if it is large enough.</summary>
    /// <exception cref="AgentException">It is too small.</exception>
    internal static string JudgeOpenFiles(string limits)
    {
        // Max open files            1024                 524288               files
        const string name = "Max open files";
        string line = limits.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) ?? throw new ProbeSkippedException("not told");
        string hard = line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return !long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out long value) || value >= 65536
            ? hard
            : throw new AgentException(ErrorKind.ResourceExhausted, $"{hard}, less than 65536");
    }
}
