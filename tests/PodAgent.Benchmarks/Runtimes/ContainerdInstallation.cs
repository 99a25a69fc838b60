using System.Diagnostics;

namespace PodAgent.Benchmarks.Runtimes;

/// <summary>
/// Where containerd, runc and the CNI plugins come from: this machine's own, or those of another Debian root, which need that root's libraries.
/// </summary>
/// <param name="Root">That root; empty: this machine's.</param>
internal sealed record ContainerdInstallation(string Root)
{
    // runc's exec looks up its container's root from the process's own: a changed root (chroot) would lead it to the machine's. So the mount
    // namespace gets a new one. What both sides have to see under one path is mounted there: processes, control groups, the runtime's folder.
    private const string Enter =
        """
        set -e
        root=$1 folder=$2
        shift 2
        mount --bind "$root" "$root"
        for system in proc sys dev; do mount --rbind "/$system" "$root/$system"; done
        mount -t tmpfs podagent-bench "$root/run"
        mount -t tmpfs podagent-bench "$root/tmp"
        mkdir -p "$root$folder"
        mount --rbind "$folder" "$root$folder"
        cd "$root"
        pivot_root . mnt
        umount --lazy mnt
        exec "$@"
        """;

    public string PluginFolder => "/usr/lib/cni";

    /// <summary>containerd's own client, which runs with any C library of the last years.</summary>
    public string Client => Root + "/usr/bin/ctr";

    /// <summary>Null: there is none on this machine.</summary>
    /// <exception cref="ArgumentException">There is none in the root that was named.</exception>
    public static ContainerdInstallation? Find(string? root)
    {
        if (!string.IsNullOrEmpty(root))
        {
            string path = Path.GetFullPath(root).TrimEnd('/');
            return File.Exists(path + "/usr/bin/containerd") ? new ContainerdInstallation(path) : throw new ArgumentException($"no containerd in \"{path}\"");
        }

        return File.Exists("/usr/bin/containerd") ? new ContainerdInstallation("") : null;
    }

    /// <summary>Starts the daemon.</summary>
    /// <param name="folder">What it and its clients have in common.</param>
    /// <param name="config">Its configuration, in that folder.</param>
    public Process Start(string folder, string config)
    {
        string[] command = ["/usr/bin/containerd", "--config", config, "--log-level", "error"];
        ProcessStartInfo start = Root.Length == 0
            ? new ProcessStartInfo(command[0], command[1..])
            : new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "sh", "-c", Enter, "sh", Root, folder, .. command]);
        start.RedirectStandardError = true;
        return Process.Start(start)!;
    }
}
