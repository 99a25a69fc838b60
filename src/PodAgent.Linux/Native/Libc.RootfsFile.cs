using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Opening files of a container's root file system: openat2(2), statx(2).</summary>
internal static unsafe partial class Libc
{
    // openat2(2) has no wrapper in the C library; the number is the same on every architecture.
    internal const long SYS_openat2_number = 437;

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial long rootfs_openat2(long number, int dirfd, byte* path, RootfsOpenHow* how, nuint size);

    [LibraryImport(Name, EntryPoint = "statx", SetLastError = true)]
    internal static partial int rootfs_statx(int dirfd, byte* path, int flags, uint mask, RootfsStatx* result);
}
