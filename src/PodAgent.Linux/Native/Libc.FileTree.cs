using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Calls that build, walk and remove directory trees. File names are bytes: what an archive holds need not be UTF-8.</summary>
internal static unsafe partial class Libc
{
    // Neither has a function in every C library this runs with; openat2's number is the same on every architecture.
    internal const long TreeOpenat2Number = 437;

    internal static long TreeGetdents64Number => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 61 : 217;

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial long tree_openat2(long number, int dirfd, byte* path, TreeOpenHow* how, nuint size);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial long tree_getdents64(long number, int fd, byte* dirp, nuint count);

    [LibraryImport(Name, EntryPoint = "openat", SetLastError = true)]
    internal static partial int tree_openat(int dirfd, byte* path, int flags, uint mode);

    [LibraryImport(Name, EntryPoint = "write", SetLastError = true)]
    internal static partial nint tree_write(int fd, byte* buf, nuint count);

    [LibraryImport(Name, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int tree_mkdirat(int dirfd, byte* path, uint mode);

    [LibraryImport(Name, EntryPoint = "mknodat", SetLastError = true)]
    internal static partial int tree_mknodat(int dirfd, byte* path, uint mode, ulong dev);

    [LibraryImport(Name, EntryPoint = "symlinkat", SetLastError = true)]
    internal static partial int tree_symlinkat(byte* target, int newdirfd, byte* linkpath);

    [LibraryImport(Name, EntryPoint = "linkat", SetLastError = true)]
    internal static partial int tree_linkat(int olddirfd, byte* oldpath, int newdirfd, byte* newpath, int flags);

    [LibraryImport(Name, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int tree_unlinkat(int dirfd, byte* path, int flags);

    [LibraryImport(Name, EntryPoint = "renameat", SetLastError = true)]
    internal static partial int tree_renameat(int olddirfd, byte* oldpath, int newdirfd, byte* newpath);

    [LibraryImport(Name, EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint tree_readlinkat(int dirfd, byte* path, byte* buf, nuint bufsiz);

    [LibraryImport(Name, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int tree_fchmod(int fd, uint mode);

    [LibraryImport(Name, EntryPoint = "fchmodat", SetLastError = true)]
    internal static partial int tree_fchmodat(int dirfd, byte* path, uint mode, int flags);

    [LibraryImport(Name, EntryPoint = "fchownat", SetLastError = true)]
    internal static partial int tree_fchownat(int dirfd, byte* path, uint owner, uint group, int flags);

    [LibraryImport(Name, EntryPoint = "utimensat", SetLastError = true)]
    internal static partial int tree_utimensat(int dirfd, byte* path, TreeTimespec* times, int flags);

    [LibraryImport(Name, EntryPoint = "statx", SetLastError = true)]
    internal static partial int tree_statx(int dirfd, byte* path, int flags, uint mask, TreeStatx* result);

    [LibraryImport(Name, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int tree_fsync(int fd);

    [LibraryImport(Name, EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int tree_syncfs(int fd);

    [LibraryImport(Name, EntryPoint = "lsetxattr", SetLastError = true)]
    internal static partial int tree_lsetxattr(byte* path, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(Name, EntryPoint = "lgetxattr", SetLastError = true)]
    internal static partial nint tree_lgetxattr(byte* path, byte* name, byte* value, nuint size);

    [LibraryImport(Name, EntryPoint = "llistxattr", SetLastError = true)]
    internal static partial nint tree_llistxattr(byte* path, byte* list, nuint size);
}
