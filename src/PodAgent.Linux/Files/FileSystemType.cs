using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>File systems by the magic number of statfs(2).</summary>
public enum FileSystemType : long
{
    /// <summary>procfs.</summary>
    Proc = MagicConstants.PROC_SUPER_MAGIC,

    /// <summary>sysfs.</summary>
    Sysfs = MagicConstants.SYSFS_MAGIC,

    /// <summary>tmpfs.</summary>
    Tmpfs = MagicConstants.TMPFS_MAGIC,

    /// <summary>A cgroup v1 hierarchy.</summary>
    Cgroup1 = MagicConstants.CGROUP_SUPER_MAGIC,

    /// <summary>The cgroup v2 hierarchy.</summary>
    Cgroup2 = MagicConstants.CGROUP2_SUPER_MAGIC,

    /// <summary>devpts.</summary>
    Devpts = MagicConstants.DEVPTS_SUPER_MAGIC,

    /// <summary>overlayfs.</summary>
    Overlay = MagicConstants.OVERLAYFS_SUPER_MAGIC,
}
