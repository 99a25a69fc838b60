using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.FileTrees;

/// <summary>
/// Opens and makes single names below an open directory. Names are bytes and relative; a path of several components goes only through
/// <see cref="TryOpenInRoot"/> and <see cref="TryOpenBeneath"/>, which cannot leave the directory.
/// </summary>
public static unsafe class TreeFiles
{
    /// <summary>Opens a directory of the agent's own by path; the last component must not be a symbolic link.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd OpenDirectory(string path) => OpenAt(FileTreeConstants.AT_FDCWD, Encoding.UTF8.GetBytes(path), "open(2)");

    /// <summary>Opens the directory <paramref name="name"/>, which must not be a symbolic link, for reading.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd OpenDirectory(Fd parent, ReadOnlySpan<byte> name) => OpenAt(parent.Number, name, "openat(2)");

    /// <summary>
    /// Resolves a path as chroot(2) would: absolute symbolic links and <c>..</c> stay inside <paramref name="root"/>. Gives an O_PATH
    /// descriptor; null with the error number when the kernel refuses.
    /// </summary>
    public static Fd? TryOpenInRoot(Fd root, ReadOnlySpan<byte> path, bool directory, out Errno errno) =>
        TryOpen(root, path, (directory ? FileTreeFlags.O_DIRECTORY : FileTreeFlags.O_NOFOLLOW) | FileTreeFlags.O_PATH, FileTreeConstants.RESOLVE_IN_ROOT, out errno);

    /// <summary>Resolves a path that may neither leave <paramref name="root"/> nor hold a symbolic link before its last component, which is not followed.</summary>
    public static Fd? TryOpenBeneath(Fd root, ReadOnlySpan<byte> path, out Errno errno) =>
        TryOpen(
            root,
            path,
            FileTreeFlags.O_PATH | FileTreeFlags.O_NOFOLLOW,
            FileTreeConstants.RESOLVE_BENEATH | FileTreeConstants.RESOLVE_NO_SYMLINKS,
            out errno);

    /// <summary>Creates a regular file that must not exist, for writing.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd CreateFile(Fd parent, ReadOnlySpan<byte> name, uint permissions)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name, new Span<byte>(path, NativePath.Capacity), "openat(2)");
        const int Flags = FileTreeConstants.O_WRONLY | FileTreeConstants.O_CREAT | FileTreeConstants.O_EXCL | FileTreeConstants.O_CLOEXEC | FileTreeConstants.O_NOCTTY;
        int fd;
        do
        {
            fd = Libc.tree_openat(parent.Number, path, Flags | FileTreeFlags.O_NOFOLLOW, permissions);
        }
        while (fd < 0 && Libc.LastErrno == Errno.EINTR);
        NativePath.Check(fd, "openat(2)", name);
        return new Fd(fd);
    }

    /// <summary>Writes all of a buffer.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Write(Fd file, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name)
    {
        fixed (byte* start = data)
        {
            int done = 0;
            while (done < data.Length)
            {
                nint written = Libc.tree_write(file.Number, start + done, (nuint)(data.Length - done));
                if (written < 0 && Libc.LastErrno == Errno.EINTR)
                {
                    continue;
                }

                NativePath.Check(written, "write(2)", name);
                done += (int)written;
            }
        }
    }

    /// <summary>Makes a directory; false when the name exists.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryMakeDirectory(Fd parent, ReadOnlySpan<byte> name, uint permissions)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name, new Span<byte>(path, NativePath.Capacity), "mkdirat(2)");
        int result = Libc.tree_mkdirat(parent.Number, path, permissions);
        if (result < 0 && Libc.LastErrno == Errno.EEXIST)
        {
            return false;
        }

        NativePath.Check(result, "mkdirat(2)", name);
        return true;
    }

    /// <summary>mknodat(2): a FIFO, or a device node with its numbers.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void MakeNode(Fd parent, ReadOnlySpan<byte> name, FileKind kind, uint permissions, uint major = 0, uint minor = 0)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name, new Span<byte>(path, NativePath.Capacity), "mknodat(2)");

        // The C library's 64-bit dev_t (makedev(3)).
        ulong device = ((ulong)(major & 0xfffff000) << 32) | ((major & 0xfffUL) << 8) | ((ulong)(minor & 0xffffff00) << 12) | (minor & 0xffUL);
        NativePath.Check(Libc.tree_mknodat(parent.Number, path, (uint)kind | permissions, device), "mknodat(2)", name);
    }

    /// <summary>symlinkat(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void MakeSymbolicLink(ReadOnlySpan<byte> target, Fd parent, ReadOnlySpan<byte> name)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        byte* to = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name, new Span<byte>(path, NativePath.Capacity), "symlinkat(2)");
        NativePath.Terminate(target, new Span<byte>(to, NativePath.Capacity), "symlinkat(2)");
        NativePath.Check(Libc.tree_symlinkat(to, parent.Number, path), "symlinkat(2)", name);
    }

    /// <summary>linkat(2) without following a symbolic link: a second name for <paramref name="existing"/>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void MakeHardLink(Fd existingParent, ReadOnlySpan<byte> existing, Fd parent, ReadOnlySpan<byte> name)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        byte* from = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name, new Span<byte>(path, NativePath.Capacity), "linkat(2)");
        NativePath.Terminate(existing, new Span<byte>(from, NativePath.Capacity), "linkat(2)");
        NativePath.Check(Libc.tree_linkat(existingParent.Number, from, parent.Number, path, 0), "linkat(2)", name);
    }

    /// <summary>The target of a symbolic link; null when the name is something else or absent.</summary>
    public static byte[]? TryReadLink(Fd parent, ReadOnlySpan<byte> name)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        byte* target = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name, new Span<byte>(path, NativePath.Capacity), "readlinkat(2)");
        nint length = Libc.tree_readlinkat(parent.Number, path, target, NativePath.Capacity);
        return length < 0 ? null : new ReadOnlySpan<byte>(target, (int)length).ToArray();
    }

    /// <summary>Whether the place of an open file has a path of less than PATH_MAX bytes, so that ordinary programs can reach it.</summary>
    public static bool HasPath(Fd file)
    {
        byte* target = stackalloc byte[NativePath.Capacity];
        fixed (byte* link = Encoding.ASCII.GetBytes(file.ProcPath + '\0'))
        {
            return Libc.tree_readlinkat(FileTreeConstants.AT_FDCWD, link, target, NativePath.Capacity) is > 0 and < NativePath.Capacity;
        }
    }

    /// <summary>syncfs(2): everything written to the file system of <paramref name="any"/> is on the disk, or the first error since it was opened is thrown.</summary>
    /// <exception cref="LinuxException">A write failed.</exception>
    public static void SyncFileSystem(Fd any, string subject)
    {
        if (Libc.tree_syncfs(any.Number) < 0)
        {
            throw new LinuxException("syncfs(2)", subject, Libc.LastErrno);
        }
    }

    /// <summary>fsync(2), of a file's content or of a directory's names.</summary>
    /// <exception cref="LinuxException">A write failed.</exception>
    public static void Sync(Fd file, string subject)
    {
        if (Libc.tree_fsync(file.Number) < 0)
        {
            throw new LinuxException("fsync(2)", subject, Libc.LastErrno);
        }
    }

    private static Fd OpenAt(int parent, ReadOnlySpan<byte> name, string operation)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name, new Span<byte>(path, NativePath.Capacity), operation);
        int fd;
        do
        {
            fd = Libc.tree_openat(parent, path, FileTreeConstants.O_RDONLY | FileTreeFlags.O_DIRECTORY | FileTreeFlags.O_NOFOLLOW | FileTreeConstants.O_CLOEXEC, 0);
        }
        while (fd < 0 && Libc.LastErrno == Errno.EINTR);
        NativePath.Check(fd, operation, name);
        return new Fd(fd);
    }

    private static Fd? TryOpen(Fd root, ReadOnlySpan<byte> name, int flags, ulong resolve, out Errno errno)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name.IsEmpty ? "."u8 : name, new Span<byte>(path, NativePath.Capacity), "openat2(2)");
        var how = new TreeOpenHow
        {
            flags = (ulong)(uint)(flags | FileTreeConstants.O_CLOEXEC),
            resolve = resolve | FileTreeConstants.RESOLVE_NO_MAGICLINKS | FileTreeConstants.RESOLVE_NO_XDEV,
        };

        while (true)
        {
            long fd = Libc.tree_openat2(Libc.TreeOpenat2Number, root.Number, path, &how, (nuint)sizeof(TreeOpenHow));
            errno = fd < 0 ? Libc.LastErrno : Errno.None;

            // EAGAIN: a rename or mount anywhere on the machine made the check of ".." inconclusive (openat2(2)).
            if (errno is not (Errno.EINTR or Errno.EAGAIN))
            {
                return fd < 0 ? null : new Fd((int)fd);
            }
        }
    }
}
