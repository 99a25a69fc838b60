namespace PodAgent.Linux.Native;

/// <summary>Flags for opening files of a root file system.</summary>
[NativeConstants("fcntl.h", "linux/openat2.h", "linux/stat.h")]
internal static class RootfsFileConstants
{
    public const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    public const ulong RESOLVE_IN_ROOT = 0x10;
    public const int AT_EMPTY_PATH = 0x1000;
    public const uint STATX_TYPE = 0x1;
    public const uint STATX_SIZE = 0x200;
    public const ushort S_IFMT = 0xF000;
    public const ushort S_IFREG = 0x8000;
}
