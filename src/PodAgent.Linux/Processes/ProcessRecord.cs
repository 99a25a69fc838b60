using System.Globalization;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Processes;

/// <summary>What proc(5) says about a process.</summary>
public sealed record ProcessRecord
{
    // USER_HZ: what the kernel tells user space is the same on every architecture that .NET runs on.
    private const long NanosecondsPerTick = 1_000_000_000 / 100;
    private const int PageSize = 4096;

    /// <summary>In the caller's PID namespace.</summary>
    public required int Pid { get; init; }

    /// <summary>In the innermost PID namespace that it is in.</summary>
    public required int InnermostPid { get; init; }

    /// <summary>In the caller's PID namespace; 0: the parent is not in it.</summary>
    public required int ParentPid { get; init; }

    /// <summary>Effective user, in the caller's user namespace.</summary>
    public required uint Uid { get; init; }

    /// <summary>One letter: R, S, D, Z, T.</summary>
    public required char State { get; init; }

    /// <summary>Threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Processor time so far.</summary>
    public required long CpuNanoseconds { get; init; }

    /// <summary>Resident memory.</summary>
    public required long RssBytes { get; init; }

    /// <summary>When it was started, nanoseconds after boot.</summary>
    public required long StartedAfterBoot { get; init; }

    /// <summary>The kernel's name, at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>Its arguments; empty for kernel threads and zombies.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Reads a process; null when there is none, or not any more.</summary>
    public static ProcessRecord? TryRead(int pid)
    {
        string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        return ControlFiles.TryRead(directory + "/stat") is { } stat
            && ControlFiles.TryRead(directory + "/status") is { } status
            && ControlFiles.TryRead(directory + "/cmdline") is { } commandLine
            ? TryParse(stat, status, commandLine)
            : null;
    }

    /// <summary>When the machine was started, Unix nanoseconds, to the second (proc_stat(5), btime).</summary>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public static long BootTime()
    {
        foreach (ReadOnlySpan<char> line in ControlFiles.Read("/proc/stat").AsSpan().EnumerateLines())
        {
            if (line.StartsWith("btime "))
            {
                return long.Parse(line[6..], CultureInfo.InvariantCulture) * 1_000_000_000;
            }
        }

        return 0;
    }

    internal static ProcessRecord? TryParse(string stat, string status, string commandLine)
    {
        // "4242 (a name) S 1 ...": the name may hold anything, so the fields are counted from the last parenthesis. Field 3 is State.
        int open = stat.IndexOf('(', StringComparison.Ordinal);
        int close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
        {
            return null;
        }

        string[] fields = stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 22)
        {
            return null;
        }

        long Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
        int pid = int.Parse(stat.AsSpan(0, open).Trim(), CultureInfo.InvariantCulture);
        return new ProcessRecord
        {
            Pid = pid,
            InnermostPid = int.Parse(Words(status, "NSpid").LastOrDefault() ?? pid.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            ParentPid = (int)Field(4),
            // Real, effective, saved, file system.
            Uid = uint.Parse(Words(status, "Uid").ElementAtOrDefault(1) ?? "0", CultureInfo.InvariantCulture),
            State = fields[0][0],
            Threads = (int)Field(20),
            CpuNanoseconds = (Field(14) + Field(15)) * NanosecondsPerTick,
            RssBytes = Field(24) * PageSize,
            StartedAfterBoot = Field(22) * NanosecondsPerTick,
            Name = stat[(open + 1)..close],
            Command = [.. commandLine.TrimEnd('\0').Split('\0').Where((word, i) => word.Length > 0 || i > 0)],
        };
    }

    private static string[] Words(string status, string name)
    {
        foreach (ReadOnlySpan<char> line in status.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name) && line.Length > name.Length && line[name.Length] == ':')
            {
                return line[(name.Length + 1)..].ToString().Split('\t', ' ').Where(word => word.Length > 0).ToArray();
            }
        }

        return [];
    }
}
