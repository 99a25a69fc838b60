namespace PodAgent.Linux.Native;

/// <summary>Flags of the calls that build, walk and remove directory trees.</summary>
[NativeConstants("fcntl.h", "linux/openat2.h", "linux/stat.h", "linux/fs.h")]
internal static class FileTreeConstants
{
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NOCTTY = 0x100;
    public const int O_CLOEXEC = 0x80000;
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_REMOVEDIR = 0x200;
    public const ulong RESOLVE_NO_XDEV = 1;
    public const ulong RESOLVE_NO_MAGICLINKS = 2;
    public const ulong RESOLVE_NO_SYMLINKS = 4;
    public const ulong RESOLVE_BENEATH = 8;
    public const ulong RESOLVE_IN_ROOT = 0x10;
    public const uint STATX_BASIC_STATS = 0x7ff;
    public const ushort S_IFMT = 0xF000;
    public const ushort S_IFIFO = 0x1000;
    public const ushort S_IFCHR = 0x2000;
    public const ushort S_IFDIR = 0x4000;
    public const ushort S_IFBLK = 0x6000;
    public const ushort S_IFREG = 0x8000;
    public const ushort S_IFLNK = 0xA000;
}

/// <summary>Flags whose values differ between architectures or that headers show only with _GNU_SOURCE.</summary>
internal static class FileTreeFlags
{
    // x86-64 values; arm64 swaps O_DIRECTORY and O_NOFOLLOW with O_DIRECT and O_LARGEFILE.
    private static readonly bool s_arm = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64;

    public static int O_DIRECTORY => s_arm ? 0x4000 : 0x10000;

    public static int O_NOFOLLOW => s_arm ? 0x8000 : 0x20000;

    public const int O_PATH = 0x200000;
    public const int AT_EMPTY_PATH = 0x1000;
}
