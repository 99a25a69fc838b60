using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Argument of openat2(2).</summary>
[StructLayout(LayoutKind.Sequential)]
[NativeType("struct open_how", "linux/openat2.h")]
internal struct TreeOpenHow
{
    public ulong flags;
    public ulong mode;
    public ulong resolve;
}

/// <summary>struct timespec with a 64-bit time.</summary>
[StructLayout(LayoutKind.Sequential)]
[NativeType("struct timespec", "time.h")]
internal struct TreeTimespec
{
    public long tv_sec;
    public long tv_nsec;
}

/// <summary>struct statx_timestamp.</summary>
[StructLayout(LayoutKind.Sequential)]
[NativeType("struct statx_timestamp", "linux/stat.h")]
internal struct TreeStatxTimestamp
{
    public long tv_sec;
    public uint tv_nsec;
    [NativeField("__reserved")]
    public int reserved;
}

/// <summary>Result of statx(2).</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
[NativeType("struct statx", "linux/stat.h")]
internal struct TreeStatx
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
    public TreeStatxTimestamp stx_atime;
    public TreeStatxTimestamp stx_btime;
    public TreeStatxTimestamp stx_ctime;
    public TreeStatxTimestamp stx_mtime;
    public uint stx_rdev_major;
    public uint stx_rdev_minor;
    public uint stx_dev_major;
    public uint stx_dev_minor;
}
