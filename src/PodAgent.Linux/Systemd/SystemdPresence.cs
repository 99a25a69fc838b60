namespace PodAgent.Linux.Systemd;

/// <summary>What systemd is on this machine.</summary>
public static class SystemdPresence
{
    /// <summary>Whether systemd is process 1 of this machine (sd_booted(3)).</summary>
    public static bool IsRunning => Directory.Exists("/run/systemd/system");

    /// <summary>
    /// Whether the machine's control groups are systemd's to arrange: it is process 1, and they are those of version 2 alone. Others then make
    /// them through it, and this is where the agent does by default.
    /// </summary>
    public static bool ArrangesCgroups => IsRunning && File.Exists("/sys/fs/cgroup/cgroup.controllers");
}
