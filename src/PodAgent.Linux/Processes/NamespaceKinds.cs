using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>Kinds of namespaces (namespaces(7)).</summary>
[Flags]
public enum NamespaceKinds : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>CLONE_NEWNS.</summary>
    Mount = SchedConstants.CLONE_NEWNS,

    /// <summary>CLONE_NEWCGROUP.</summary>
    Cgroup = SchedConstants.CLONE_NEWCGROUP,

    /// <summary>CLONE_NEWUTS: host name.</summary>
    Uts = SchedConstants.CLONE_NEWUTS,

    /// <summary>CLONE_NEWIPC.</summary>
    Ipc = SchedConstants.CLONE_NEWIPC,

    /// <summary>CLONE_NEWUSER.</summary>
    User = SchedConstants.CLONE_NEWUSER,

    /// <summary>CLONE_NEWPID; concerns the children of the caller, not the caller.</summary>
    Pid = SchedConstants.CLONE_NEWPID,

    /// <summary>CLONE_NEWNET.</summary>
    Network = SchedConstants.CLONE_NEWNET,

    /// <summary>CLONE_NEWTIME (Linux 5.6): offsets of the monotonic clocks; concerns the children of the caller, not the caller.</summary>
    Time = SchedConstants.CLONE_NEWTIME,
}
