using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>
/// Files named relative to an open directory. A null directory means that the path is resolved as the process sees it. Whatever somebody
/// else may have put there is reached through <see cref="TryOpenInRoot"/> and <see cref="TryOpenBeneath"/> alone, which cannot leave the directory.
/// </summary>
public static unsafe partial class FileTree
{
    private const OpenFlags NewFile = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoControllingTerminal | OpenFlags.NoFollow;

    /// <summary>openat(2) with O_CLOEXEC.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd Open(PathName path, OpenFlags flags, uint mode = 0, Fd? directory = null) =>
        TryOpen(path, flags, out Errno errno, mode, directory) ?? throw new LinuxException("open(2)", path.ToString(), errno);

    /// <summary>As <see cref="Open(PathName, OpenFlags, uint, Fd?)"/>; null when the file, or a directory on the way, does not exist.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static Fd? TryOpen(PathName path, OpenFlags flags, uint mode = 0, Fd? directory = null)
    {
        Fd? file = TryOpen(path, flags, out Errno errno, mode, directory);
        return file is null && errno is not (Errno.ENOENT or Errno.ENOTDIR) ? throw new LinuxException("open(2)", path.ToString(), errno) : file;
    }

    /// <summary>As <see cref="Open(PathName, OpenFlags, uint, Fd?)"/>; null and the error number when the kernel refuses.</summary>
    public static Fd? TryOpen(PathName path, OpenFlags flags, out Errno errno, uint mode = 0, Fd? directory = null)
    {
        int fd;
        do
        {
            fd = Libc.openat(At(directory), path, (int)flags | FileConstants.O_CLOEXEC, mode);
            errno = fd < 0 ? Libc.LastErrno : Errno.None;
        }
        while (errno == Errno.EINTR);

        return fd < 0 ? null : new Fd(fd);
    }

    /// <summary>openat2(2) with O_CLOEXEC.</summary>
    /// <exception cref="LinuxException">The kernel refused: ELOOP for a link, EXDEV for a way out, that <paramref name="resolve"/> forbids.</exception>
    public static Fd Open(Fd directory, PathName path, OpenFlags flags, ResolveFlags resolve, uint mode = 0) =>
        TryOpen(directory, path, flags, resolve, mode, out Errno errno) ?? throw new LinuxException("openat2(2)", path.ToString(), errno);

    /// <summary>As <see cref="Open(Fd, PathName, OpenFlags, ResolveFlags, uint)"/>; null and the error number when the kernel refuses.</summary>
    public static Fd? TryOpen(Fd directory, PathName path, OpenFlags flags, ResolveFlags resolve, uint mode, out Errno errno)
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

    /// <summary>Opens a directory for reading; the last component must not be a symbolic link.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd OpenDirectory(PathName path, Fd? directory = null) =>
        Open(path, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0, directory);

    /// <summary>
    /// Resolves a path as chroot(2) would: absolute symbolic links and <c>..</c> stay inside <paramref name="root"/>. Gives an O_PATH
    /// descriptor; null with the error number when the kernel refuses.
    /// </summary>
    public static Fd? TryOpenInRoot(Fd root, PathName path, bool directory, out Errno errno) =>
        TryOpenPlace(root, path, directory ? OpenFlags.Directory : OpenFlags.NoFollow, ResolveFlags.InRoot, out errno);

    /// <summary>Resolves a path that may neither leave <paramref name="root"/> nor hold a symbolic link before its last component, which is not followed.</summary>
    public static Fd? TryOpenBeneath(Fd root, PathName path, out Errno errno) =>
        TryOpenPlace(root, path, OpenFlags.NoFollow, ResolveFlags.Beneath | ResolveFlags.NoSymlinks, out errno);

    /// <summary>Creates a regular file that must not exist, for writing.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd CreateFile(PathName path, uint permissions, Fd? directory = null) => Open(path, NewFile, permissions, directory);

    /// <summary>As <see cref="CreateFile"/>; null and the reason when the kernel refused, EEXIST among them.</summary>
    public static Fd? TryCreateFile(PathName path, uint permissions, Fd? directory, out Errno errno) => TryOpen(path, NewFile, out errno, permissions, directory);

    /// <summary>Whether the caller may execute a file, judged by its effective identity (faccessat(2)).</summary>
    public static bool CanExecute(PathName path) =>
        Libc.faccessat(FileConstants.AT_FDCWD, path, FileConstants.X_OK, FileConstants.AT_EACCESS) == 0;

    /// <summary>fchdir(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void ChangeDirectory(Fd directory, string? subject = null) =>
        Libc.Check(Libc.fchdir(directory.Number), "chdir(2)", subject ?? directory.ToString());

    /// <summary>chdir(2).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void ChangeDirectory(PathName path) => Libc.Check(Libc.chdir(path), "chdir(2)", path);

    /// <summary>The kernel's getcwd: begins with <c>(unreachable)</c> when the working directory is outside the root.</summary>
    /// <exception cref="LinuxException">ENOENT: it has been removed.</exception>
    public static string WorkingDirectory()
    {
        byte* buffer = stackalloc byte[FileConstants.PATH_MAX];
        int length = Libc.Check(Libc.getcwd(SyscallNumbers.SYS_getcwd, buffer, FileConstants.PATH_MAX), "getcwd(2)");
        return Encoding.UTF8.GetString(buffer, length - 1);
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

    private static Fd? TryOpenPlace(Fd root, PathName path, OpenFlags flags, ResolveFlags resolve, out Errno errno) =>
        TryOpen(root, path.IsEmpty ? "." : path, flags | OpenFlags.Path, resolve | ResolveFlags.NoMagicLinks | ResolveFlags.NoCrossing, 0, out errno);
}
