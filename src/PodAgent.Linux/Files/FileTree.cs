using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>
/// Files named relative to an open directory. A null directory means that the path is resolved as the process sees it.
/// </summary>
public static unsafe class FileTree
{
    /// <summary>openat(2) with O_CLOEXEC.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd Open(string path, OpenFlags flags, uint mode = 0, Fd? directory = null)
    {
        int fd;
        do
        {
            fd = Libc.openat(At(directory), path, (int)flags | FileConstants.O_CLOEXEC, mode);
        }
        while (fd < 0 && Libc.LastErrno == Errno.EINTR);

        return new Fd(Libc.Check(fd, "open(2)", path));
    }

    /// <summary>As <see cref="Open(string, OpenFlags, uint, Fd?)"/>; null when the file, or a directory on the way, does not exist.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static Fd? TryOpen(string path, OpenFlags flags, uint mode = 0, Fd? directory = null)
    {
        int fd;
        do
        {
            fd = Libc.openat(At(directory), path, (int)flags | FileConstants.O_CLOEXEC, mode);
        }
        while (fd < 0 && Libc.LastErrno == Errno.EINTR);

        if (fd >= 0)
        {
            return new Fd(fd);
        }

        Errno errno = Libc.LastErrno;
        if (errno is not (Errno.ENOENT or Errno.ENOTDIR))
        {
            Libc.Throw("open(2)", path, errno);
        }

        return null;
    }

    /// <summary>openat2(2) with O_CLOEXEC.</summary>
    /// <exception cref="LinuxException">The kernel refused: ELOOP for a link, EXDEV for a way out, that <paramref name="resolve"/> forbids.</exception>
    public static Fd Open(Fd directory, string path, OpenFlags flags, ResolveFlags resolve, uint mode = 0) =>
        TryOpen(directory, path, flags, resolve, mode, out Errno errno) ?? throw new LinuxException("openat2(2)", path, errno);

    /// <summary>As <see cref="Open(Fd, string, OpenFlags, ResolveFlags, uint)"/>; null and the error number when the kernel refuses.</summary>
    public static Fd? TryOpen(Fd directory, string path, OpenFlags flags, ResolveFlags resolve, uint mode, out Errno errno)
    {
        var how = new open_how { flags = (ulong)flags | FileConstants.O_CLOEXEC, mode = mode, resolve = (ulong)resolve };
        nint fd;
        do
        {
            // EAGAIN: something was renamed during a scoped walk, and the kernel cannot vouch for the result.
            fd = Libc.openat2(SyscallNumbers.SYS_openat2, directory.Number, path, &how, (nuint)sizeof(open_how));
            errno = fd < 0 ? Libc.LastErrno : Errno.None;
        }
        while (errno is Errno.EINTR or Errno.EAGAIN);

        return fd < 0 ? null : new Fd((int)fd);
    }

    /// <summary>fstat(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FileStatus Status(Fd file)
    {
        stat status;
        Libc.Check(Libc.fstatat(file.Number, "", &status, FileConstants.AT_EMPTY_PATH), "fstat(2)", file.ToString());
        return ToStatus(status);
    }

    /// <summary>stat(2), or lstat(2); null when there is no such file.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static FileStatus? TryStatus(string path, bool follow = true, Fd? directory = null)
    {
        stat status;
        if (Libc.fstatat(At(directory), path, &status, follow ? 0 : FileConstants.AT_SYMLINK_NOFOLLOW) == 0)
        {
            return ToStatus(status);
        }

        Errno errno = Libc.LastErrno;
        if (errno is not (Errno.ENOENT or Errno.ENOTDIR))
        {
            Libc.Throw("stat(2)", path, errno);
        }

        return null;
    }

    /// <summary>The type of the file system that a file is on (fstatfs(2)).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FileSystemType TypeOf(Fd file)
    {
        statfs_ buffer;
        Libc.Check(Libc.fstatfs(file.Number, &buffer), "fstatfs(2)", file.ToString());
        return (FileSystemType)buffer.f_type;
    }

    /// <summary>Sizes of the file system that a file is on (fstatfs(2)).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FileSystemUsage UsageOf(Fd file)
    {
        statfs_ buffer;
        Libc.Check(Libc.fstatfs(file.Number, &buffer), "fstatfs(2)", file.ToString());
        ulong block = (ulong)buffer.f_bsize;
        return new FileSystemUsage(buffer.f_blocks * block, buffer.f_bfree * block, buffer.f_bavail * block, buffer.f_files, buffer.f_ffree);
    }

    /// <summary>mkdirat(2); false when something of that name exists.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryMakeDirectory(string path, uint mode, Fd? directory = null) =>
        Created(Libc.mkdirat(At(directory), path, mode), "mkdir(2)", path);

    /// <summary>mknodat(2), with exactly these permissions whatever the file mode mask; false when something of that name exists.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryMakeNode(string path, FileKind kind, uint permissions, ulong device, Fd? directory = null)
    {
        if (!Created(Libc.mknodat(At(directory), path, (uint)kind | permissions, device), "mknod(2)", path))
        {
            return false;
        }

        SetPermissions(path, permissions, directory);
        return true;
    }

    /// <summary>symlinkat(2); false when something of that name exists.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryMakeLink(string path, string target, Fd? directory = null) =>
        Created(Libc.symlinkat(target, At(directory), path), "symlink(2)", path);

    /// <summary>Creates an empty regular file; false when something of that name exists.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryMakeFile(string path, uint mode, Fd? directory = null) =>
        Created(Libc.mknodat(At(directory), path, FileConstants.S_IFREG | mode, 0), "mknod(2)", path);

    /// <summary>unlinkat(2); false when there is no such file.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryRemove(string path, bool isDirectory = false, Fd? directory = null)
    {
        if (Libc.unlinkat(At(directory), path, isDirectory ? FileConstants.AT_REMOVEDIR : 0) == 0)
        {
            return true;
        }

        Errno errno = Libc.LastErrno;
        if (errno != Errno.ENOENT)
        {
            Libc.Throw("unlink(2)", path, errno);
        }

        return false;
    }

    /// <summary>renameat(2): replaces the target atomically.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Rename(string from, string to, Fd? fromDirectory = null, Fd? toDirectory = null) =>
        Libc.Check(Libc.renameat(At(fromDirectory), from, At(toDirectory), to), "rename(2)", to);

    /// <summary>fchmodat(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetPermissions(string path, uint permissions, Fd? directory = null) =>
        Libc.Check(Libc.fchmodat(At(directory), path, permissions, 0), "chmod(2)", path);

    /// <summary>fchmod(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetPermissions(Fd file, uint permissions) =>
        Libc.Check(Libc.fchmod(file.Number, permissions), "fchmod(2)", file.ToString());

    /// <summary>fchownat(2), of a link itself when the path ends in one.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetOwner(string path, uint user, uint group, Fd? directory = null) =>
        Libc.Check(Libc.fchownat(At(directory), path, user, group, FileConstants.AT_SYMLINK_NOFOLLOW), "chown(2)", path);

    /// <summary>fchownat(2) with an empty path.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetOwner(Fd file, uint user, uint group) =>
        Libc.Check(Libc.fchownat(file.Number, "", user, group, FileConstants.AT_EMPTY_PATH), "chown(2)", file.ToString());

    /// <summary>Whether the caller may execute a file, judged by its effective identity (faccessat(2)).</summary>
    public static bool CanExecute(string path) =>
        Libc.faccessat(FileConstants.AT_FDCWD, path, FileConstants.X_OK, FileConstants.AT_EACCESS) == 0;

    /// <summary>fchdir(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void ChangeDirectory(Fd directory, string? subject = null) =>
        Libc.Check(Libc.fchdir(directory.Number), "chdir(2)", subject ?? directory.ToString());

    /// <summary>chdir(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void ChangeDirectory(string path) => Libc.Check(Libc.chdir(path), "chdir(2)", path);

    /// <summary>The kernel's getcwd: begins with <c>(unreachable)</c> when the working directory is outside the root.</summary>
    /// <exception cref="LinuxException">ENOENT: it has been removed.</exception>
    public static string WorkingDirectory()
    {
        byte* buffer = stackalloc byte[4096];
        int length = Libc.Check(Libc.getcwd(SyscallNumbers.SYS_getcwd, buffer, 4096), "getcwd(2)");
        return Encoding.UTF8.GetString(buffer, length - 1);
    }

    /// <summary>readlinkat(2).</summary>
    /// <exception cref="LinuxException">EINVAL: not a symbolic link.</exception>
    public static string ReadLink(string path, Fd? directory = null)
    {
        byte* buffer = stackalloc byte[4096];
        int length = Libc.Check(Libc.readlinkat(At(directory), path, buffer, 4096), "readlink(2)", path);
        return Encoding.UTF8.GetString(buffer, length);
    }

    /// <summary>A second descriptor of the same open file, close-on-exec.</summary>
    /// <param name="file">What to duplicate.</param>
    /// <param name="atLeast">The lowest number it may get.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd Duplicate(Fd file, int atLeast = 0) =>
        new(Libc.Check(Libc.fcntl(file.Number, FileConstants.F_DUPFD_CLOEXEC, atLeast), "fcntl(2)", "F_DUPFD_CLOEXEC"));

    /// <summary>dup2(2): makes the number stand for the file, without close-on-exec.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void DuplicateTo(Fd file, int number) => Libc.Check(Libc.dup2(file.Number, number), "dup2(2)", number.ToString());

    private static int At(Fd? directory) => directory?.Number ?? FileConstants.AT_FDCWD;

    private static bool Created(int result, string operation, string path)
    {
        if (result == 0)
        {
            return true;
        }

        Errno errno = Libc.LastErrno;
        if (errno != Errno.EEXIST)
        {
            Libc.Throw(operation, path, errno);
        }

        return false;
    }

    private static FileStatus ToStatus(in stat status) => new(
        (FileKind)(status.st_mode & FileConstants.S_IFMT),
        status.st_mode & 0xFFF,
        status.st_uid,
        status.st_gid,
        status.st_size,
        status.st_dev,
        status.st_ino,
        status.st_rdev);
}
