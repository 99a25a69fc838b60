using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>File system types of statfs(2).</summary>
[NativeConstants("linux/magic.h")]
internal static class MagicConstants
{
    public const long PROC_SUPER_MAGIC = 0x9fa0;
    public const long SYSFS_MAGIC = 0x62656572;
    public const long TMPFS_MAGIC = 0x01021994;
    public const long CGROUP_SUPER_MAGIC = 0x27e0eb;
    public const long CGROUP2_SUPER_MAGIC = 0x63677270;
    public const long DEVPTS_SUPER_MAGIC = 0x1cd1;
    public const long OVERLAYFS_SUPER_MAGIC = 0x794c7630;
}

/// <summary>statfs(2).</summary>
[NativeType("struct statfs", "sys/vfs.h")]
[StructLayout(LayoutKind.Sequential, Size = 120)]
internal struct statfs_
{
    public long f_type;
    public long f_bsize;
    public ulong f_blocks;
    public ulong f_bfree;
    public ulong f_bavail;
    public ulong f_files;
    public ulong f_ffree;
}

internal static unsafe partial class Libc
{
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int fstatfs(int fd, statfs_* buf);

    [LibraryImport(Name, SetLastError = true)]
    internal static partial int syncfs(int fd);
}
