using System.Globalization;
using PodAgent.Linux.Files;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>The pages of the program and its libraries that this process has mapped.</summary>
public static class ProgramPages
{
    /// <summary>
    /// Lets go of code and constants: what has been used once, at start or in a busy moment, stays mapped otherwise for as long as the
    /// process lives, and sixteen pages with each that was touched. The page cache keeps them, so that what is used again comes back for the price of a
    /// minor fault. Nothing is lost: only mappings that cannot be written, and in which no page is this process's own copy (as those
    /// relocated at start are, proc_pid_smaps(5)), are touched.
    /// </summary>
    /// <returns>How many bytes of mappings that was.</returns>
    public static long Return()
    {
        string? mappings = ControlFiles.TryRead("/proc/self/smaps");
        long returned = 0;
        foreach ((long start, long end) in ReadOnly(mappings))
        {
            // A kernel that refuses keeps the pages; nothing depends on it.
            if (Libc.madvise((nint)start, (nuint)(end - start), MemoryConstants.MADV_DONTNEED) == 0)
            {
                returned += end - start;
            }
        }

        return returned;
    }

    /// <summary>The private, never written mappings of files among those of an smaps file.</summary>
    internal static IEnumerable<(long Start, long End)> ReadOnly(string? smaps)
    {
        (long Start, long End)? candidate = null;
        foreach (string line in (smaps ?? "").Split('\n'))
        {
            if (TryParseMapping(line, out (long Start, long End)? mapping))
            {
                candidate = mapping;
            }
            else if (candidate is { } found && line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                if (line.AsSpan("Anonymous:".Length).Trim() is "0 kB")
                {
                    yield return found;
                }

                candidate = null;
            }
        }
    }

    // 00405000-0116d000 r-xp 00005000 fe:00 1234   /usr/bin/podagent. The range is null when it may be written or is no private mapping of a file.
    private static bool TryParseMapping(string line, out (long Start, long End)? mapping)
    {
        mapping = null;
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 5 || words[0].IndexOf('-', StringComparison.Ordinal) is not (> 0 and int dash)
            || !long.TryParse(words[0].AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long start)
            || !long.TryParse(words[0].AsSpan(dash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long end))
        {
            return false;
        }

        if (words[1] is "r-xp" or "r--p" && words.Length > 5 && words[5].StartsWith('/'))
        {
            mapping = (start, end);
        }

        return true;
    }
}
