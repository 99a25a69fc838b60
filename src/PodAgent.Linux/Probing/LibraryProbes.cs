using System.Runtime.InteropServices;

namespace PodAgent.Linux.Probing;

/// <summary>The libraries that are loaded on first use.</summary>
public static class LibraryProbes
{
    private const string Area = "Libraries";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [
        Library("libseccomp.so.2", "libseccomp2", ProbeNeed.Required, "containers with a seccomp profile, which are all but privileged ones, are not started"),
        Library("libnftables.so.1", "libnftables1", ProbeNeed.Required, "no pod reaches beyond its node, and no host port is published"),
        Library("libzstd.so.1", "libzstd1", ProbeNeed.Useful, "images with zstd layers cannot be unpacked"),
    ];

    private static Probe Library(string file, string package, ProbeNeed need, string cost) => new(Area, file, need, () =>
    {
        if (!NativeLibrary.TryLoad(file, out nint handle))
        {
            throw new AgentException(ErrorKind.NotFound, "not installed");
        }

        NativeLibrary.Free(handle);
        return "";
    })
    { Privileged = false, Cost = cost, Remedy = $"apt-get install {package}" };
}
