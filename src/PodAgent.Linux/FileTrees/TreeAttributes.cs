using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.FileTrees;

/// <summary>Reads and sets what a file has besides content: owner, mode, times, extended attributes. Symbolic links are never followed.</summary>
public static unsafe class TreeAttributes
{
    // XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h.
    private const int MaxValue = 65536;

    // EOPNOTSUPP.
    private const Errno NotSupported = (Errno)95;

    /// <summary>Status of a name in a directory; null when it does not exist.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static FileStatus? TryStat(Fd parent, ReadOnlySpan<byte> name)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name, new Span<byte>(path, NativePath.Capacity), "statx(2)");
        TreeStatx stat;
        if (Libc.tree_statx(parent.Number, path, FileTreeConstants.AT_SYMLINK_NOFOLLOW | FileTreeFlags.AT_EMPTY_PATH, FileTreeConstants.STATX_BASIC_STATS, &stat) < 0)
        {
            return Libc.LastErrno == Errno.ENOENT ? null : throw new LinuxException("statx(2)", NativePath.Display(name), Libc.LastErrno);
        }

        return new FileStatus(
            (FileKind)(stat.stx_mode & FileTreeConstants.S_IFMT),
            stat.stx_mode & 0xFFFu,
            stat.stx_uid,
            stat.stx_gid,
            (long)stat.stx_size,
            (long)stat.stx_blocks * 512,
            stat.stx_ino,
            stat.stx_nlink,
            stat.stx_rdev_major,
            stat.stx_rdev_minor,
            stat.stx_mtime.tv_sec,
            stat.stx_mtime.tv_nsec);
    }

    /// <summary>Status of an open file; an O_PATH descriptor will do.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FileStatus Stat(Fd file) => TryStat(file, default) ?? throw new LinuxException("statx(2)", file.ToString(), Errno.ENOENT);

    /// <summary>Sets the owner of a name. Clears set-ID bits and file capabilities, so it comes before both.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetOwner(Fd parent, ReadOnlySpan<byte> name, uint uid, uint gid)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name, new Span<byte>(path, NativePath.Capacity), "fchownat(2)");
        NativePath.Check(
            Libc.tree_fchownat(parent.Number, path, uid, gid, FileTreeConstants.AT_SYMLINK_NOFOLLOW | FileTreeFlags.AT_EMPTY_PATH), "fchownat(2)", name);
    }

    /// <summary>Sets the mode of an open file (not one opened with O_PATH).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetPermissions(Fd file, uint permissions, ReadOnlySpan<byte> name) =>
        NativePath.Check(Libc.tree_fchmod(file.Number, permissions), "fchmod(2)", name);

    /// <summary>Sets the mode of a name that the caller knows to be no symbolic link: fchmodat(2) has no way not to follow one before Linux 6.6.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetPermissions(Fd parent, ReadOnlySpan<byte> name, uint permissions)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name, new Span<byte>(path, NativePath.Capacity), "fchmodat(2)");
        NativePath.Check(Libc.tree_fchmodat(parent.Number, path, permissions, 0), "fchmodat(2)", name);
    }

    /// <summary>Sets access and modification time of a name, or of the open directory itself for an empty name.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetTimes(Fd parent, ReadOnlySpan<byte> name, long seconds, uint nanoseconds)
    {
        byte* path = stackalloc byte[NativePath.Capacity];
        NativePath.Terminate(name.IsEmpty ? "."u8 : name, new Span<byte>(path, NativePath.Capacity), "utimensat(2)");
        TreeTimespec* times = stackalloc TreeTimespec[2];
        times[0] = times[1] = new TreeTimespec { tv_sec = seconds, tv_nsec = nanoseconds };
        NativePath.Check(Libc.tree_utimensat(parent.Number, path, times, FileTreeConstants.AT_SYMLINK_NOFOLLOW), "utimensat(2)", name);
    }

    /// <summary>Sets an extended attribute of a name; false when the file system has no such attributes.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TrySetExtended(Fd parent, ReadOnlySpan<byte> name, string attribute, ReadOnlySpan<byte> value)
    {
        fixed (byte* path = ProcPath(parent, name))
        fixed (byte* key = Terminated(attribute))
        fixed (byte* data = value)
        {
            int result = Libc.tree_lsetxattr(path, key, data, (nuint)value.Length, 0);
            if (result < 0 && Libc.LastErrno == NotSupported)
            {
                return false;
            }

            NativePath.Check(result, "lsetxattr(2)", Encoding.UTF8.GetBytes($"{NativePath.Display(name)} {attribute}"));
            return true;
        }
    }

    /// <summary>An extended attribute's value; null when the name does not have it.</summary>
    public static byte[]? TryGetExtended(Fd parent, ReadOnlySpan<byte> name, string attribute)
    {
        byte[] value = new byte[MaxValue];
        fixed (byte* path = ProcPath(parent, name))
        fixed (byte* key = Terminated(attribute))
        fixed (byte* data = value)
        {
            nint length = Libc.tree_lgetxattr(path, key, data, MaxValue);
            return length < 0 ? null : value[..(int)length];
        }
    }

    /// <summary>The names of a file's extended attributes; empty where there are none.</summary>
    public static IReadOnlyList<string> ListExtended(Fd parent, ReadOnlySpan<byte> name)
    {
        byte[] list = new byte[MaxValue];
        fixed (byte* path = ProcPath(parent, name))
        fixed (byte* data = list)
        {
            nint length = Libc.tree_llistxattr(path, data, MaxValue);
            return length <= 0 ? [] : Encoding.UTF8.GetString(list, 0, (int)length - 1).Split('\0');
        }
    }

    // There is no lsetxattrat before Linux 6.13; the magic link of the parent keeps the path from being resolved anew.
    private static byte[] ProcPath(Fd parent, ReadOnlySpan<byte> name)
    {
        byte[] prefix = Encoding.UTF8.GetBytes(parent.ProcPath);
        byte[] path = new byte[prefix.Length + 1 + Math.Max(name.Length, 1) + 1];
        prefix.CopyTo(path, 0);
        path[prefix.Length] = (byte)'/';
        (name.IsEmpty ? "."u8 : name).CopyTo(path.AsSpan(prefix.Length + 1));
        return path;
    }

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + '\0');
}
