using System.Runtime.InteropServices;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Native;

/// <summary>Flags of the file-descriptor based mount calls (Linux 5.2 and later).</summary>
// glibc 2.36 declares all of these in sys/mount.h, and linux/mount.h cannot be included beside it.
[NativeConstants("fcntl.h", "sys/mount.h")]
internal static class NewMountConstants
{
    public const uint OPEN_TREE_CLONE = 1;
    public const uint OPEN_TREE_CLOEXEC = 0x80000;
    public const uint MOVE_MOUNT_F_EMPTY_PATH = 4;
    public const uint MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    public const uint FSOPEN_CLOEXEC = 1;
    public const uint FSMOUNT_CLOEXEC = 1;
    public const uint FSCONFIG_SET_FLAG = 0;
    public const uint FSCONFIG_SET_STRING = 1;
    public const uint FSCONFIG_SET_FD = 5;
    public const uint FSCONFIG_CMD_CREATE = 6;
    public const ulong MOUNT_ATTR_RDONLY = 1;
    public const ulong MOUNT_ATTR_NOSUID = 2;
    public const ulong MOUNT_ATTR_NODEV = 4;
    public const ulong MOUNT_ATTR_NOEXEC = 8;
    public const ulong MOUNT_ATTR__ATIME = 0x70;
    public const ulong MOUNT_ATTR_RELATIME = 0;
    public const ulong MOUNT_ATTR_NOATIME = 0x10;
    public const ulong MOUNT_ATTR_STRICTATIME = 0x20;
    public const ulong MOUNT_ATTR_NODIRATIME = 0x80;
    public const ulong MOUNT_ATTR_IDMAP = 0x100000;
    public const ulong MOUNT_ATTR_NOSYMFOLLOW = 0x200000;
}

/// <summary>mount_setattr(2).</summary>
[NativeType("struct mount_attr", "sys/mount.h")]
internal struct mount_attr
{
    public ulong attr_set;
    public ulong attr_clr;
    public ulong propagation;
    public ulong userns_fd;
}

internal static unsafe partial class Libc
{
    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint open_tree(nint number, int dfd, PathName filename, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint move_mount(nint number, int from_dfd, PathName from_pathname, int to_dfd, PathName to_pathname, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint mount_setattr(nint number, int dfd, PathName path, uint flags, mount_attr* attr, nuint size);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint fsopen(nint number, string fsname, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint fsconfig(nint number, int fd, uint cmd, string? key, string? value, int aux);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint fsmount(nint number, int fs_fd, uint flags, uint attr_flags);
}
