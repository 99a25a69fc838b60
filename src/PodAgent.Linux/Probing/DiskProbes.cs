using System.Globalization;
using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;

namespace PodAgent.Linux.Probing;

/// <summary>Space and mount options of the agent's directories.</summary>
public static class DiskProbes
{
    private const string Area = "Disk";

    // The kubelet's: images are collected above 85 %, pods evicted below 10 % free space and 5 % free inodes.
    private const double FullPercent = 85;
    private const double FreeInodesPercent = 5;

    /// <summary>The probes for one agent.</summary>
    /// <param name="root">Images and writable layers.</param>
    /// <param name="state">What a reboot ends.</param>
    /// <param name="logs">Container logs.</param>
    public static IReadOnlyList<Probe> Of(string root, string state, string logs) =>
    [
        Space("root", root),
        Space("logs", logs),
        new Probe(Area, "state on tmpfs", ProbeNeed.Useful, () => RequireMemory(state))
        {
            Privileged = false,
            Cost = "after a reboot the agent finds records of pods that are gone, and clears them slowly",
            Remedy = $"a state directory below /run, or mount -t tmpfs tmpfs {state}",
        },
        new Probe(Area, "programs may run from root", ProbeNeed.Required, () => RequireExecution(root))
        {
            Privileged = false,
            Cost = "no program of an image can be executed",
            Remedy = $"mount the file system of {root} without noexec and read-write",
        },
    ];

    private static Probe Space(string name, string path) => new(Area, name, ProbeNeed.Useful, () => Judge(path, Usage(path)))
    {
        Privileged = false,
        Cost = "when it is full, images cannot be pulled and containers cannot write",
        Remedy = $"free space on the file system of {path}, or give it a larger one; podctl image prune removes images that no container uses",
    };

    /// <summary>A text for a file system with room.</summary>
    /// <exception cref="AgentException">It is nearly full.</exception>
    internal static string Judge(string path, FileSystemUsage usage)
    {
        double used = usage.Size == 0 ? 0 : 100.0 * (usage.Size - usage.Available) / usage.Size;
        double inodes = usage.Inodes == 0 ? 100 : 100.0 * usage.FreeInodes / usage.Inodes;
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: {usage.Available / (double)(1 << 30):0.0} GiB of {usage.Size / (double)(1 << 30):0.0} GiB free{(usage.Inodes == 0 ? "" : $", {inodes:0} % of inodes free")}");
        return used < FullPercent && inodes > FreeInodesPercent ? text : throw new AgentException(ErrorKind.ResourceExhausted, text);
    }

    private static FileSystemUsage Usage(string path)
    {
        using Fd directory = FileTree.Open(Existing(path), OpenFlags.ReadOnly);
        return FileTree.UsageOf(directory);
    }

    private static string RequireMemory(string state)
    {
        string type = MountPoint.Of(Existing(state))?.Type ?? "nothing known";
        return type is "tmpfs" or "ramfs" ? state : throw new AgentException(ErrorKind.FailedPrecondition, $"{state} is on {type}");
    }

    private static string RequireExecution(string root)
    {
        MountPoint? mount = MountPoint.Of(Existing(root));
        string? wrong = mount?.Options.FirstOrDefault(option => option is "noexec" or "ro");
        return wrong is null ? "" : throw new AgentException(ErrorKind.FailedPrecondition, $"{mount!.Path} is mounted {wrong}");
    }

    // Before the first start there is only a parent.
    private static string Existing(string path)
    {
        while (!Directory.Exists(path))
        {
            path = Path.GetDirectoryName(path) ?? "/";
        }

        return path;
    }
}
