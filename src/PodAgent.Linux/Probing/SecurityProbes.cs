using PodAgent.Linux.Files;
using PodAgent.Linux.Native;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Linux.Probing;

/// <summary>What confines containers beside namespaces: seccomp and the security modules.</summary>
public static unsafe class SecurityProbes
{
    private const string Area = "Security";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [
        new Probe(Area, "seccomp filters", ProbeNeed.Required, () => Action(SeccompConstants.SECCOMP_RET_ERRNO, "errno"))
        {
            Privileged = false,
            Cost = "containers may make every system call, so none with a profile is started",
            Remedy = "a kernel with CONFIG_SECCOMP_FILTER",
        },
        new Probe(Area, "libseccomp", ProbeNeed.Required, static () => $"version {SeccompFilter.LibraryVersion}")
        {
            Privileged = false,
            Cost = "seccomp profiles cannot be compiled",
            Remedy = "apt-get install libseccomp2",
        },
        new Probe(Area, "seccomp log", ProbeNeed.Useful, () => Action(SeccompConstants.SECCOMP_RET_LOG, "log"))
        {
            Privileged = false,
            Cost = "profiles with SCMP_ACT_LOG are refused",
            Remedy = "Linux 4.14 or later",
        },
        new Probe(Area, "seccomp kill process", ProbeNeed.Useful, () => Action(SeccompConstants.SECCOMP_RET_KILL_PROCESS, "kill_process"))
        {
            Privileged = false,
            Cost = "profiles with SCMP_ACT_KILL_PROCESS are refused",
            Remedy = "Linux 4.14 or later",
        },
        new Probe(Area, "seccomp user notification", ProbeNeed.Optional, ProbeNotification)
        {
            Privileged = false,
            Cost = "profiles with SCMP_ACT_NOTIFY are refused",
            Remedy = "Linux 5.0 or later",
        },
        new Probe(Area, "AppArmor", ProbeNeed.Useful, ProbeAppArmor)
        {
            Privileged = false,
            Cost = "AppArmor profiles of pods are refused; seccomp, capabilities and masked paths confine them still",
            Remedy = "boot a kernel that has it (Debian's does) with apparmor=1 security=apparmor",
        },
        new Probe(Area, "SELinux", ProbeNeed.Optional, ProbeSeLinux)
        {
            Privileged = false,
            Cost = "seLinuxOptions of pods have no effect",
        },
        new Probe(Area, "Landlock and other modules", ProbeNeed.Optional, ProbeModules) { Privileged = false },
    ];

    private static string Action(uint action, string name)
    {
        Libc.Check(Libc.seccomp(SyscallNumbers.SYS_seccomp, ProcessConstants.SECCOMP_GET_ACTION_AVAIL, 0, &action), "seccomp(2)", name);
        return "";
    }

    private static string ProbeNotification()
    {
        seccomp_notif_sizes sizes;
        Libc.Check(Libc.seccomp(SyscallNumbers.SYS_seccomp, ProcessConstants.SECCOMP_GET_NOTIF_SIZES, 0, &sizes), "seccomp(2)", "user notification");
        return Action(SeccompConstants.SECCOMP_RET_USER_NOTIF, "user_notif");
    }

    private static string ProbeAppArmor()
    {
        string? enabled = ControlFiles.TryRead("/sys/module/apparmor/parameters/enabled")?.Trim();
        if (enabled != "Y")
        {
            throw new AgentException(ErrorKind.FailedPrecondition, enabled is null ? "the kernel does not have it" : "the kernel has it switched off");
        }

        // Without the parser there are only the profiles that something else loaded.
        return InstalledPrograms.Find("apparmor_parser") is { } parser
            ? parser
            : throw new AgentException(ErrorKind.FailedPrecondition, "enabled, but apparmor_parser is not installed (Debian package apparmor)");
    }

    private static string ProbeSeLinux() => ControlFiles.TryRead("/sys/fs/selinux/enforce")?.Trim() switch
    {
        "1" => "enforcing",
        "0" => "permissive",
        _ => throw new AgentException(ErrorKind.FailedPrecondition, "not enabled"),
    };

    private static string ProbeModules() =>
        ControlFiles.TryRead("/sys/kernel/security/lsm")?.Trim()
        ?? throw new AgentException(ErrorKind.FailedPrecondition, "securityfs is not mounted, so they cannot be listed");
}
