using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

// Makes, renames and removes names.
public static unsafe partial class FileTree
{
    /// <summary>mkdirat(2); false when something of that name exists.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryMakeDirectory(PathName path, uint mode, Fd? directory = null) =>
        Created(Libc.mkdirat(At(directory), path, mode), "mkdir(2)", path);

    /// <summary>mkdirat(2); false and the error number when the kernel refuses.</summary>
    public static bool TryMakeDirectory(PathName path, uint mode, out Errno errno, Fd? directory = null)
    {
        bool made = Libc.mkdirat(At(directory), path, mode) == 0;
        errno = made ? Errno.None : Libc.LastErrno;
        return made;
    }

    /// <summary>mknodat(2), with exactly these permissions whatever the file mode mask; false when something of that name exists.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryMakeNode(PathName path, FileKind kind, uint permissions, ulong device, Fd? directory = null)
    {
        if (!Created(Libc.mknodat(At(directory), path, (uint)kind | permissions, device), "mknod(2)", path))
        {
            return false;
        }

        SetPermissions(path, permissions, directory);
        return true;
    }

    /// <summary>As <see cref="TryMakeNode"/>, with the permissions as the file mode mask leaves them.</summary>
    /// <exception cref="LinuxException">The kernel refused; EEXIST when something of that name exists.</exception>
    public static void MakeNode(PathName path, FileKind kind, uint permissions, ulong device, Fd? directory = null) =>
        Libc.Check(Libc.mknodat(At(directory), path, (uint)kind | permissions, device), "mknod(2)", path);

    /// <summary>symlinkat(2); false when something of that name exists.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryMakeLink(PathName path, PathName target, Fd? directory = null) =>
        Created(Libc.symlinkat(target, At(directory), path), "symlink(2)", path);

    /// <summary>symlinkat(2).</summary>
    /// <exception cref="LinuxException">The kernel refused; EEXIST when something of that name exists.</exception>
    public static void MakeLink(PathName path, PathName target, Fd? directory = null) =>
        Libc.Check(Libc.symlinkat(target, At(directory), path), "symlink(2)", path);

    /// <summary>linkat(2) without following a symbolic link: <paramref name="path"/> becomes a second name for <paramref name="existing"/>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void MakeHardLink(PathName existing, Fd? existingDirectory, PathName path, Fd? directory) =>
        Libc.Check(Libc.linkat(At(existingDirectory), existing, At(directory), path, 0), "link(2)", path);

    /// <summary>Creates an empty regular file; false when something of that name exists.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryMakeFile(PathName path, uint mode, Fd? directory = null) =>
        Created(Libc.mknodat(At(directory), path, FileConstants.S_IFREG | mode, 0), "mknod(2)", path);

    /// <summary>unlinkat(2); false when there is no such file.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryRemove(PathName path, bool isDirectory = false, Fd? directory = null)
    {
        if (Libc.unlinkat(At(directory), path, isDirectory ? FileConstants.AT_REMOVEDIR : 0) == 0)
        {
            return true;
        }

        Errno errno = Libc.LastErrno;
        if (errno != Errno.ENOENT)
        {
            Libc.Throw("unlink(2)", path.ToString(), errno);
        }

        return false;
    }

    /// <summary>renameat(2): replaces the target atomically.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Rename(PathName from, PathName to, Fd? fromDirectory = null, Fd? toDirectory = null) =>
        Libc.Check(Libc.renameat(At(fromDirectory), from, At(toDirectory), to), "rename(2)", to);

    /// <summary>readlinkat(2).</summary>
    /// <exception cref="LinuxException">EINVAL: not a symbolic link.</exception>
    public static string ReadLink(PathName path, Fd? directory = null) =>
        Encoding.UTF8.GetString(TryReadLink(path, directory) ?? throw new LinuxException("readlink(2)", path.ToString(), Libc.LastErrno));

    /// <summary>The target of a symbolic link, as it is; null when the name is something else or absent.</summary>
    public static byte[]? TryReadLink(PathName path, Fd? directory = null)
    {
        byte* target = stackalloc byte[FileConstants.PATH_MAX];
        nint length = Libc.readlinkat(At(directory), path, target, FileConstants.PATH_MAX);
        return length < 0 ? null : new ReadOnlySpan<byte>(target, (int)length).ToArray();
    }

    /// <summary>Whether the place of an open file has a path of less than PATH_MAX bytes, so that ordinary programs can reach it.</summary>
    public static bool HasPath(Fd file) => TryReadLink(file.ProcPath) is { Length: > 0 and < FileConstants.PATH_MAX };

    private static bool Created(int result, string operation, PathName path)
    {
        if (result < 0 && Libc.LastErrno == Errno.EEXIST)
        {
            return false;
        }

        Libc.Check(result, operation, path);
        return true;
    }
}
