using PodAgent.Linux.Native;

namespace PodAgent.Linux.Mounting;

/// <summary>Flags of mount(2).</summary>
[Flags]
public enum MountFlags : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>MS_RDONLY.</summary>
    ReadOnly = MountConstants.MS_RDONLY,

    /// <summary>MS_NOSUID: set-user-ID bits and file capabilities have no effect.</summary>
    NoSuid = MountConstants.MS_NOSUID,

    /// <summary>MS_NODEV: device nodes cannot be opened.</summary>
    NoDevices = MountConstants.MS_NODEV,

    /// <summary>MS_NOEXEC.</summary>
    NoExec = MountConstants.MS_NOEXEC,

    /// <summary>MS_SYNCHRONOUS.</summary>
    Synchronous = MountConstants.MS_SYNCHRONOUS,

    /// <summary>MS_REMOUNT: change the flags of an existing mount.</summary>
    Remount = MountConstants.MS_REMOUNT,

    /// <summary>MS_NOATIME.</summary>
    NoAccessTime = MountConstants.MS_NOATIME,

    /// <summary>MS_NODIRATIME.</summary>
    NoDirectoryAccessTime = MountConstants.MS_NODIRATIME,

    /// <summary>MS_BIND.</summary>
    Bind = MountConstants.MS_BIND,

    /// <summary>MS_MOVE.</summary>
    Move = MountConstants.MS_MOVE,

    /// <summary>MS_REC: the whole tree below.</summary>
    Recursive = MountConstants.MS_REC,

    /// <summary>MS_PRIVATE: no mount event in or out.</summary>
    Private = MountConstants.MS_PRIVATE,

    /// <summary>MS_SLAVE: mount events in, none out.</summary>
    Slave = MountConstants.MS_SLAVE,

    /// <summary>MS_SHARED: mount events in and out.</summary>
    Shared = MountConstants.MS_SHARED,

    /// <summary>MS_RELATIME.</summary>
    RelativeAccessTime = MountConstants.MS_RELATIME,

    /// <summary>MS_STRICTATIME.</summary>
    StrictAccessTime = MountConstants.MS_STRICTATIME,
}
