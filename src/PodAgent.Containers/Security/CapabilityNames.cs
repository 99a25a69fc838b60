using System.Globalization;
using PodAgent.Linux;

namespace PodAgent.Containers.Security;

/// <summary>Names and numbers of the Linux capabilities (capabilities(7), linux/capability.h).</summary>
public static class CapabilityNames
{
    private static readonly string[] s_names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
        "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    private static readonly Dictionary<string, int> s_numbers =
        s_names.Select((name, number) => (name, number)).ToDictionary(p => p.name, p => p.number, StringComparer.OrdinalIgnoreCase);

    /// <summary>How many capabilities have names here.</summary>
    public static int Count => s_names.Length;

    /// <summary>The name with its prefix, for example <c>CAP_CHOWN</c>; <c>CAP_41</c> for one that is newer than this list.</summary>
    public static string Name(int number) =>
        number < s_names.Length ? s_names[number] : string.Create(CultureInfo.InvariantCulture, $"CAP_{number}");

    /// <summary>The number of a name, with or without <c>CAP_</c>, in any case; false when there is no such capability.</summary>
    public static bool TryParse(string name, out int number) =>
        s_numbers.TryGetValue(name.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? name : "CAP_" + name, out number);

    /// <summary>The number of a name, with or without <c>CAP_</c>, in any case.</summary>
    /// <exception cref="AgentException">InvalidArgument: there is no such capability.</exception>
    public static int Parse(string name) =>
        TryParse(name, out int number) ? number : throw new AgentException(ErrorKind.InvalidArgument, $"unknown capability \"{name}\"");
}
