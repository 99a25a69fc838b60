using System.Runtime.InteropServices;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Native;

/// <summary>open(2), openat2(2) and relatives.</summary>
[NativeConstants("fcntl.h", "sys/stat.h", "unistd.h", "linux/openat2.h", "linux/limits.h")]
internal static class FileConstants
{
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_REMOVEDIR = 0x200;
    public const int AT_EACCESS = 0x200;
    public const int AT_NO_AUTOMOUNT = 0x800;
    public const int AT_EMPTY_PATH = 0x1000;
    public const int AT_RECURSIVE = 0x8000;
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NOCTTY = 0x100;
    public const int O_TRUNC = 0x200;
    public const int O_APPEND = 0x400;
    public const int O_NONBLOCK = 0x800;
    public const int O_DIRECTORY = 0x10000;
    public const int O_NOFOLLOW = 0x20000;
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;
    public const int F_GETFL = 3;
    public const int F_SETFL = 4;
    public const int F_DUPFD_CLOEXEC = 1030;
    public const int F_SETPIPE_SZ = 1031;
    public const int X_OK = 1;
    public const uint S_IFMT = 0xF000;
    public const uint S_IFIFO = 0x1000;
    public const uint S_IFCHR = 0x2000;
    public const uint S_IFDIR = 0x4000;
    public const uint S_IFBLK = 0x6000;
    public const uint S_IFREG = 0x8000;
    public const uint S_IFLNK = 0xA000;
    public const uint S_IFSOCK = 0xC000;
    public const uint STATX_BASIC_STATS = 0x7ff;
    public const ulong RESOLVE_NO_XDEV = 1;
    public const ulong RESOLVE_NO_MAGICLINKS = 2;
    public const ulong RESOLVE_NO_SYMLINKS = 4;
    public const ulong RESOLVE_BENEATH = 8;
    public const ulong RESOLVE_IN_ROOT = 16;
    public const int PATH_MAX = 4096;
}

/// <summary>openat2(2).</summary>
[NativeType("struct open_how", "linux/openat2.h")]
internal struct open_how
{
    public ulong flags;
    public ulong mode;
    public ulong resolve;
}

/// <summary>Times of utimensat(2).</summary>
[NativeType("struct timespec", "time.h")]
internal struct timespec
{
    public long tv_sec;
    public long tv_nsec;
}

/// <summary>Times of statx(2).</summary>
[NativeType("struct statx_timestamp", "linux/stat.h")]
internal struct statx_timestamp
{
    public long tv_sec;
    public uint tv_nsec;
    [NativeField("__reserved")]
    public int reserved;
}

/// <summary>statx(2): the same on every architecture, unlike struct stat.</summary>
[NativeType("struct statx", "linux/stat.h")]
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct statx_
{
    public uint stx_mask;
    public uint stx_blksize;
    public ulong stx_attributes;
    public uint stx_nlink;
    public uint stx_uid;
    public uint stx_gid;
    public ushort stx_mode;
    [NativeField("__spare0")]
    public ushort spare0;
    public ulong stx_ino;
    public ulong stx_size;
    public ulong stx_blocks;
    public ulong stx_attributes_mask;
    public statx_timestamp stx_atime;
    public statx_timestamp stx_btime;
    public statx_timestamp stx_ctime;
    public statx_timestamp stx_mtime;
    public uint stx_rdev_major;
    public uint stx_rdev_minor;
    public uint stx_dev_major;
    public uint stx_dev_minor;
}

internal static unsafe partial class Libc
{
    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint openat2(nint number, int dirfd, PathName pathname, open_how* how, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int openat(int dirfd, PathName pathname, int flags, uint mode);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int mkdirat(int dirfd, PathName pathname, uint mode);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int mknodat(int dirfd, PathName pathname, uint mode, ulong dev);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int symlinkat(PathName target, int newdirfd, PathName linkpath);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int linkat(int olddirfd, PathName oldpath, int newdirfd, PathName newpath, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int unlinkat(int dirfd, PathName pathname, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int renameat(int olddirfd, PathName oldpath, int newdirfd, PathName newpath);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint readlinkat(int dirfd, PathName pathname, byte* buf, nuint bufsiz);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint getdents64(nint number, int fd, byte* dirp, nuint count);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int fchmodat(int dirfd, PathName pathname, uint mode, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int fchmod(int fd, uint mode);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int fchownat(int dirfd, PathName pathname, uint owner, uint group, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int utimensat(int dirfd, PathName pathname, timespec* times, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int faccessat(int dirfd, PathName pathname, int mode, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int statx(int dirfd, PathName pathname, int flags, uint mask, statx_* statxbuf);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int fchdir(int fd);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int chdir(PathName path);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint getcwd(nint number, byte* buf, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint read(int fd, byte* buf, nuint count);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint pread(int fd, byte* buf, nuint count, long offset);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial nint write(int fd, byte* buf, nuint count);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int fsync(int fd);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int pipe2(int* pipefd, int flags);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int dup2(int oldfd, int newfd);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int fcntl(int fd, int cmd, nint arg);
}
