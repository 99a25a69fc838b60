using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Flags of the calls that make a detached overlay mount.</summary>
[NativeConstants("fcntl.h", "sys/mount.h")]
internal static class OverlayConstants
{
    public const uint FSOPEN_CLOEXEC = 1;
    public const uint FSMOUNT_CLOEXEC = 1;
    public const uint FSCONFIG_SET_FLAG = 0;
    public const uint FSCONFIG_SET_STRING = 1;
    public const uint FSCONFIG_CMD_CREATE = 6;
    public const uint OPEN_TREE_CLONE = 1;
    public const uint OPEN_TREE_CLOEXEC = 0x80000;
    public const int MNT_DETACH = 2;
    public const int UMOUNT_NOFOLLOW = 8;
}

internal static unsafe partial class Libc
{
    // The same numbers on every architecture (unified since Linux 5.1).
    internal const long OverlayOpenTreeNumber = 428;
    internal const long OverlayFsopenNumber = 430;
    internal const long OverlayFsconfigNumber = 431;
    internal const long OverlayFsmountNumber = 432;

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long overlay_fsopen(long number, string type, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long overlay_fsconfig(long number, int fd, uint command, string? key, string? value, int aux);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial long overlay_fsmount(long number, int fd, uint flags, uint attributes);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long overlay_open_tree(long number, int dfd, string path, uint flags);

    [LibraryImport(Name, EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int overlay_mount(string? source, string target, string? type, ulong flags, string? data);

    [LibraryImport(Name, EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int overlay_umount2(string target, int flags);

    [LibraryImport(Name, EntryPoint = "read", SetLastError = true)]
    internal static partial nint overlay_read(int fd, byte* buf, nuint count);
}
