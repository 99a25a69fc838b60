using PodAgent.Linux.Native;

namespace PodAgent.Linux.Mounting;

/// <summary>Attributes of one mount, as fsmount(2) and mount_setattr(2) take them.</summary>
[Flags]
public enum MountAttributes : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>MOUNT_ATTR_RDONLY.</summary>
    ReadOnly = NewMountConstants.MOUNT_ATTR_RDONLY,

    /// <summary>MOUNT_ATTR_NOSUID.</summary>
    NoSuid = NewMountConstants.MOUNT_ATTR_NOSUID,

    /// <summary>MOUNT_ATTR_NODEV.</summary>
    NoDevices = NewMountConstants.MOUNT_ATTR_NODEV,

    /// <summary>MOUNT_ATTR_NOEXEC.</summary>
    NoExec = NewMountConstants.MOUNT_ATTR_NOEXEC,

    /// <summary>MOUNT_ATTR_NOATIME.</summary>
    NoAccessTime = NewMountConstants.MOUNT_ATTR_NOATIME,

    /// <summary>MOUNT_ATTR_STRICTATIME.</summary>
    StrictAccessTime = NewMountConstants.MOUNT_ATTR_STRICTATIME,

    /// <summary>MOUNT_ATTR__ATIME: the field of access-time modes; must be cleared whenever one of them is set.</summary>
    AccessTimeMask = NewMountConstants.MOUNT_ATTR__ATIME,

    /// <summary>MOUNT_ATTR_NODIRATIME.</summary>
    NoDirectoryAccessTime = NewMountConstants.MOUNT_ATTR_NODIRATIME,

    /// <summary>MOUNT_ATTR_NOSYMFOLLOW.</summary>
    NoSymlinks = NewMountConstants.MOUNT_ATTR_NOSYMFOLLOW,
}
