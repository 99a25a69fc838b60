using PodAgent.Linux.Cgroups;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Probing;

/// <summary>System calls that older kernels, or the seccomp filter that the agent itself runs under, may not have.</summary>
public static class SystemCallProbes
{
    private const string Area = "System calls";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [
        new Probe(Area, "clone3", ProbeNeed.Required, ProbeClone)
        {
            Cost = "no process of a pod can be started",
            Remedy = "Linux 5.5 or later; in a container, a seccomp profile that allows clone3",
        },
        new Probe(Area, "pidfd", ProbeNeed.Required, ProbePidFd)
        {
            Privileged = false,
            Cost = "the agent cannot tell when a supervisor ends",
            Remedy = "Linux 5.4 or later",
        },
        new Probe(Area, "openat2", ProbeNeed.Required, ProbeResolve)
        {
            Privileged = false,
            Cost = "paths inside containers cannot be resolved safely",
            Remedy = "Linux 5.6 or later; in a container, a seccomp profile that allows openat2",
        },
        new Probe(Area, "close_range", ProbeNeed.Required, ProbeCloseRange)
        {
            Privileged = false,
            Cost = "descriptors of the node could leak into containers, so none is started",
            Remedy = "Linux 5.11 or later",
        },
        new Probe(Area, "memfd", ProbeNeed.Required, ProbeMemfd)
        {
            Privileged = false,
            Cost = "seccomp filters cannot be built",
            Remedy = "Linux 3.17 or later",
        },
        new Probe(Area, "bpf", ProbeNeed.Useful, ProbeDeviceFilter)
        {
            Cost = "on cgroup v2 the access of containers to devices cannot be limited",
            Remedy = "a kernel with CONFIG_CGROUP_BPF, and CAP_BPF or CAP_SYS_ADMIN",
        },
    ];

    private static string ProbeClone()
    {
        using ClonedChild child = ClonedChild.Start(NamespaceKinds.None);
        return "";
    }

    private static string ProbePidFd()
    {
        using Fd self = PidFds.Open(Environment.ProcessId);
        return PidFds.Signal(self, 0) ? "" : throw new LinuxException("pidfd_send_signal(2)", null, Errno.ESRCH);
    }

    private static string ProbeResolve()
    {
        using Fd root = FileTree.Open("/", OpenFlags.ReadOnly | OpenFlags.Directory);
        using Fd? place = FileTree.TryOpenInRoot(root, "../..", directory: true, out Errno errno);
        return place is not null ? "" : throw new LinuxException("openat2(2)", "/", errno);
    }

    private static string ProbeCloseRange()
    {
        // No process has that descriptor.
        ProcessControl.CloseOnExecuteFrom(int.MaxValue);
        return "";
    }

    private static string ProbeMemfd()
    {
        using Fd memory = Memfd.Create("probe");
        return "";
    }

    private static string ProbeDeviceFilter()
    {
        // r0 = 1; exit: everything allowed.
        using Fd program = CgroupDevicePrograms.Load([0x0000_0001_0000_00b7, 0x0000_0000_0000_0095]);
        return "device programs load";
    }
}
