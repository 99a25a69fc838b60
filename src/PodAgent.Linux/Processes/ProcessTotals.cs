using System.Globalization;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Processes;

/// <summary>What a group of processes holds together (proc_pid(5)).</summary>
/// <param name="Processes">Processes that were still there.</param>
/// <param name="Threads">Their threads.</param>
/// <param name="Descriptors">Their open descriptors; one that several share counts for each.</param>
/// <param name="Sockets">How many of the descriptors are sockets.</param>
public readonly record struct ProcessTotals(ulong Processes, ulong Threads, ulong Descriptors, ulong Sockets)
{
    /// <summary>Counts. Processes that end meanwhile are left out.</summary>
    public static ProcessTotals Of(IEnumerable<int> pids)
    {
        ulong processes = 0, threads = 0, descriptors = 0, sockets = 0;
        foreach (int pid in pids)
        {
            string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
            try
            {
                threads += (ulong)List($"{directory}/task").Count;
                processes++;
                using Fd table = FileTree.OpenDirectory($"{directory}/fd");
                foreach (byte[] name in DirectoryEntries.List(table))
                {
                    descriptors++;
                    sockets += FileTree.TryReadLink(name, table) is { } target && target.AsSpan().StartsWith("socket:"u8) ? 1ul : 0;
                }
            }
            catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ESRCH)
            {
                // It ended while it was looked at.
            }
        }

        return new ProcessTotals(processes, threads, descriptors, sockets);
    }

    private static List<byte[]> List(string directory)
    {
        using Fd opened = FileTree.OpenDirectory(directory);
        return DirectoryEntries.List(opened);
    }
}
