using System.Buffers.Binary;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>Walks and removes directory trees whose names somebody else chose: as bytes, by descriptor, never through a symbolic link.</summary>
public static unsafe class DirectoryEntries
{
    /// <summary>How deep <see cref="Walk"/> goes; more than any path of PATH_MAX can name.</summary>
    public const int MaxDepth = 4096;

    /// <summary>The names in an open directory, without <c>.</c> and <c>..</c>, in the file system's order. Reads from the descriptor's position.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static List<byte[]> List(Fd directory)
    {
        var names = new List<byte[]>();
        byte[] buffer = new byte[32 * 1024];
        fixed (byte* start = buffer)
        {
            while (true)
            {
                int length = Libc.Check(
                    Libc.getdents64(SyscallNumbers.SYS_getdents64, directory.Number, start, (nuint)buffer.Length), "getdents64(2)", directory.ToString());
                if (length == 0)
                {
                    return names;
                }

                for (int at = 0; at < length;)
                {
                    // struct linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name until NUL.
                    int record = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 16));
                    ReadOnlySpan<byte> name = buffer.AsSpan(at + 19, record - 19);
                    name = name[..name.IndexOf((byte)0)];
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    {
                        names.Add(name.ToArray());
                    }

                    at += record;
                }
            }
        }
    }

    /// <summary>Removes a name and, when it is a directory, everything below; nothing when it does not exist.</summary>
    /// <exception cref="LinuxException">The kernel refused, for example EBUSY for a mount point.</exception>
    public static void Remove(Fd parent, PathName name)
    {
        Errno errno = Unlink(parent, name, 0);
        if (errno is Errno.None or Errno.ENOENT)
        {
            return;
        }

        if (errno != Errno.EISDIR)
        {
            throw Refused("unlinkat(2)", name, errno);
        }

        using (Fd directory = FileTree.OpenDirectory(name, parent))
        {
            RemoveContent(directory);
        }

        RemoveDirectory(parent, name);
    }

    /// <summary>Removes a file or directory by its path, with everything below; nothing when it does not exist. The directory above must.</summary>
    /// <exception cref="LinuxException">The kernel refused, for example EBUSY for a mount point.</exception>
    public static void RemoveTree(string path)
    {
        using Fd parent = FileTree.OpenDirectory(Path.GetDirectoryName(path)!);
        Remove(parent, Path.GetFileName(path));
    }

    /// <summary>Removes everything in an open directory, but not the directory.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void RemoveContent(Fd directory)
    {
        // A container can nest directories without end, so descending would run out of descriptors and stack. Instead whatever is found
        // two levels down moves up to the first level, until that is empty.
        ulong moved = 0;
        for (List<byte[]> names = List(directory); names.Count > 0; names = Reread(directory))
        {
            foreach (byte[] name in names)
            {
                Errno errno = Unlink(directory, name, 0);
                if (errno is Errno.None or Errno.ENOENT)
                {
                    continue;
                }

                if (errno != Errno.EISDIR)
                {
                    throw Refused("unlinkat(2)", name, errno);
                }

                if (Unlink(directory, name, FileConstants.AT_REMOVEDIR) == Errno.ENOTEMPTY)
                {
                    using (Fd child = FileTree.OpenDirectory(name, directory))
                    {
                        RaiseContent(directory, child, ref moved);
                    }

                    RemoveDirectory(directory, name);
                }
            }
        }
    }

    /// <summary>
    /// Calls <paramref name="visit"/> for everything below an open directory, directories before their content. An entry that vanishes
    /// during the walk is left out, and so is what lies deeper than <see cref="MaxDepth"/> levels.
    /// </summary>
    public static void Walk(Fd directory, Action<Fd, byte[], FileStatus> visit)
    {
        var open = new Stack<(Fd Directory, Queue<byte[]> Names)>();
        try
        {
            open.Push((directory, new Queue<byte[]>(List(directory))));
            while (open.TryPeek(out (Fd Directory, Queue<byte[]> Names) level))
            {
                if (!level.Names.TryDequeue(out byte[]? name))
                {
                    open.Pop();
                    if (open.Count > 0)
                    {
                        level.Directory.Dispose();
                    }
                }
                else if (FileTree.TryStatus(name, follow: false, level.Directory) is { } status)
                {
                    visit(level.Directory, name, status);
                    if (status.Kind == FileKind.Directory && open.Count < MaxDepth && TryOpenChild(level.Directory, name) is { } child)
                    {
                        open.Push((child, new Queue<byte[]>(List(child))));
                    }
                }
            }
        }
        finally
        {
            while (open.Count > 1)
            {
                open.Pop().Directory.Dispose();
            }
        }
    }

    private static Fd? TryOpenChild(Fd parent, byte[] name)
    {
        try
        {
            return FileTree.OpenDirectory(name, parent);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP)
        {
            return null;
        }
    }

    // A descriptor's listing goes on where it stopped; entries that moved in need a new one.
    private static List<byte[]> Reread(Fd directory)
    {
        using Fd again = FileTree.OpenDirectory("."u8, directory);
        return List(again);
    }

    private static void RaiseContent(Fd top, Fd child, ref ulong moved)
    {
        foreach (byte[] name in List(child))
        {
            Errno errno = Unlink(child, name, 0);
            if (errno is Errno.None or Errno.ENOENT)
            {
                continue;
            }

            if (errno != Errno.EISDIR)
            {
                throw Refused("unlinkat(2)", name, errno);
            }

            if (Unlink(child, name, FileConstants.AT_REMOVEDIR) == Errno.ENOTEMPTY)
            {
                do
                {
                    errno = Rename(child, name, top, $".raised-{moved++}");
                }
                while (errno is Errno.EEXIST or Errno.ENOTEMPTY or Errno.ENOTDIR);

                if (errno != Errno.None)
                {
                    throw Refused("renameat(2)", name, errno);
                }
            }
        }
    }

    private static void RemoveDirectory(Fd parent, PathName name)
    {
        Errno errno = Unlink(parent, name, FileConstants.AT_REMOVEDIR);
        if (errno is not (Errno.None or Errno.ENOENT))
        {
            throw Refused("unlinkat(2)", name, errno);
        }
    }

    private static Errno Rename(Fd parent, PathName name, Fd newParent, PathName newName) =>
        Libc.renameat(parent.Number, name, newParent.Number, newName) == 0 ? Errno.None : Libc.LastErrno;

    private static Errno Unlink(Fd parent, PathName name, int flags) => Libc.unlinkat(parent.Number, name, flags) == 0 ? Errno.None : Libc.LastErrno;

    private static LinuxException Refused(string operation, PathName name, Errno errno) => new(operation, name.ToString(), errno);
}
