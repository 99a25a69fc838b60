using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>The head of statx(2)'s result; the rest is not looked at.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
[NativeType("struct statx", "linux/stat.h")]
internal struct RootfsStatx
{
    public uint stx_mask;
    public uint stx_blksize;
    public ulong stx_attributes;
    public uint stx_nlink;
    public uint stx_uid;
    public uint stx_gid;
    public ushort stx_mode;
    [NativeField(null)]
    public ushort padding;
    public ulong stx_ino;
    public ulong stx_size;
}
