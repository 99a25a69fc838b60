using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

// What a file has besides its name and content.
public static unsafe partial class FileTree
{
    /// <summary>Status of an open file; an O_PATH descriptor will do.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FileStatus Status(Fd file) =>
        ReadStatus(file, "", FileConstants.AT_EMPTY_PATH, out FileStatus status) == Errno.None
            ? status
            : throw new LinuxException("statx(2)", file.ToString(), Libc.LastErrno);

    /// <summary>Status of a file, or of a symbolic link itself; null when there is no such file.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static FileStatus? TryStatus(PathName path, bool follow = true, Fd? directory = null) =>
        ReadStatus(directory, path, follow ? 0 : FileConstants.AT_SYMLINK_NOFOLLOW, out FileStatus status) switch
        {
            Errno.None => status,
            Errno.ENOENT or Errno.ENOTDIR => null,
            Errno errno => throw new LinuxException("statx(2)", path.ToString(), errno),
        };

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

    /// <summary>fchmodat(2), which follows symbolic links: before Linux 6.6 it has no way not to.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetPermissions(PathName path, uint permissions, Fd? directory = null) =>
        Libc.Check(Libc.fchmodat(At(directory), path, permissions, 0), "chmod(2)", path);

    /// <summary>fchmod(2), of a file not opened with O_PATH.</summary>
    /// <exception cref="LinuxException">The kernel refused; the subject is <paramref name="subject"/> where it is given.</exception>
    public static void SetPermissions(Fd file, uint permissions, PathName subject = default) =>
        Libc.Check(Libc.fchmod(file.Number, permissions), "fchmod(2)", Subject(file, subject));

    /// <summary>fchownat(2), of a link itself when the path ends in one. Clears set-ID bits and file capabilities, so it comes before both.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetOwner(PathName path, uint user, uint group, Fd? directory = null) =>
        Libc.Check(Libc.fchownat(At(directory), path, user, group, FileConstants.AT_SYMLINK_NOFOLLOW), "chown(2)", path);

    /// <summary>fchownat(2) with an empty path.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetOwner(Fd file, uint user, uint group) =>
        Libc.Check(Libc.fchownat(file.Number, "", user, group, FileConstants.AT_EMPTY_PATH), "chown(2)", file.ToString());

    /// <summary>Sets access and modification time of a name, which is not followed; of <paramref name="directory"/> itself for an empty one.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetTimes(PathName path, long seconds, uint nanoseconds, Fd? directory = null)
    {
        timespec* times = stackalloc timespec[2];
        times[0] = times[1] = new timespec { tv_sec = seconds, tv_nsec = nanoseconds };
        Libc.Check(Libc.utimensat(At(directory), path.IsEmpty ? "." : path, times, FileConstants.AT_SYMLINK_NOFOLLOW), "utimensat(2)", path);
    }

    internal static PathName Subject(Fd file, PathName subject) => subject.IsEmpty ? file.ToString() : subject;

    private static Errno ReadStatus(Fd? directory, PathName path, int flags, out FileStatus status)
    {
        // As stat(2), which never triggers an automount at the end of a path.
        statx_ buffer;
        if (Libc.statx(At(directory), path, flags | FileConstants.AT_NO_AUTOMOUNT, FileConstants.STATX_BASIC_STATS, &buffer) < 0)
        {
            status = default;
            return Libc.LastErrno;
        }

        status = new FileStatus
        {
            Kind = (FileKind)(buffer.stx_mode & FileConstants.S_IFMT),
            Permissions = buffer.stx_mode & 0xFFFu,
            Uid = buffer.stx_uid,
            Gid = buffer.stx_gid,
            Size = (long)buffer.stx_size,
            AllocatedBytes = (long)buffer.stx_blocks * 512,
            Device = DeviceNumber.Make(buffer.stx_dev_major, buffer.stx_dev_minor),
            Inode = buffer.stx_ino,
            Links = buffer.stx_nlink,
            RawDevice = DeviceNumber.Make(buffer.stx_rdev_major, buffer.stx_rdev_minor),
            ModifiedSeconds = buffer.stx_mtime.tv_sec,
            ModifiedNanoseconds = buffer.stx_mtime.tv_nsec,
        };
        return Errno.None;
    }
}
