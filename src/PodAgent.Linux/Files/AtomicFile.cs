using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>
/// Files that are replaced as a whole: 1 the content goes to a file beside, 2 which reaches the disk when it has to be durable, 3 and
/// takes the name by rename(2), 4 that reaches the disk too. A reader finds the old content or the new; a crash leaves at most the file beside.
/// </summary>
public static class AtomicFile
{
    /// <summary>Ending of unfinished files, which readers of a directory leave out. Two writers of one file must take turns.</summary>
    public const string TemporarySuffix = ".new";

    /// <summary>Only the owner reads and writes (0600).</summary>
    public const uint OwnerOnly = 0x180;

    /// <summary>Replaces a file, or makes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">Its content.</param>
    /// <param name="permissions">Its permissions, whatever the file mode mask.</param>
    /// <param name="durable">Whether to survive a loss of power: waits for the disk twice.</param>
    /// <exception cref="LinuxException">The kernel refused; the file is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, uint permissions = OwnerOnly, bool durable = false)
    {
        string temporary = path + TemporarySuffix;
        try
        {
            const OpenFlags Flags = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.NoFollow;
            using (Fd file = FileTree.Open(temporary, Flags, OwnerOnly))
            {
                FileTree.SetPermissions(file, permissions, temporary);
                FileData.Write(file, content, temporary);
                if (durable)
                {
                    FileData.Sync(file, temporary);
                }
            }

            FileTree.Rename(temporary, path);
        }
        catch
        {
            // A full disk gets its space back. What is wrong is in the exception already.
            _ = Libc.unlinkat(FileConstants.AT_FDCWD, temporary, 0);
            throw;
        }

        if (durable)
        {
            SyncDirectory(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>Makes the names in a directory durable.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SyncDirectory(string path)
    {
        using Fd directory = FileTree.OpenDirectory(path);
        FileData.Sync(directory, path);
    }
}
