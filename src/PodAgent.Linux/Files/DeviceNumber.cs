namespace PodAgent.Linux.Files;

/// <summary>Device numbers (makedev(3)).</summary>
public static class DeviceNumber
{
    /// <summary>Packs major and minor number as stat(2) and mknod(2) of the C library do.</summary>
    public static ulong Make(long major, long minor) =>
        ((ulong)(major & 0xfffff000) << 32) | ((ulong)(major & 0xfff) << 8) | ((ulong)(minor & 0xffffff00) << 12) | (ulong)(minor & 0xff);

    /// <summary>The major number.</summary>
    public static long Major(ulong device) => (long)(((device >> 32) & 0xfffff000) | ((device >> 8) & 0xfff));

    /// <summary>The minor number.</summary>
    public static long Minor(ulong device) => (long)(((device >> 12) & 0xffffff00) | (device & 0xff));
}
