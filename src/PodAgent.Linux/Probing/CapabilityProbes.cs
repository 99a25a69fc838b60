using System.Globalization;
using PodAgent.Linux.Files;
using PodAgent.Linux.Native;
using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Probing;

/// <summary>The capabilities (capabilities(7)) that an agent uses, and those that it cannot hand on.</summary>
public static class CapabilityProbes
{
    private const string Area = "Capabilities";

    private static readonly (int Number, string Name, ProbeNeed Need, string Cost)[] s_used =
    [
        (CapabilityConstants.CAP_SYS_ADMIN, "CAP_SYS_ADMIN", ProbeNeed.Required, "no namespace and no mount can be made"),
        (CapabilityConstants.CAP_NET_ADMIN, "CAP_NET_ADMIN", ProbeNeed.Required, "pods get no network"),
        (CapabilityConstants.CAP_SETUID, "CAP_SETUID", ProbeNeed.Required, "containers cannot become their user"),
        (CapabilityConstants.CAP_SETGID, "CAP_SETGID", ProbeNeed.Required, "containers cannot become their group"),
        (CapabilityConstants.CAP_SETPCAP, "CAP_SETPCAP", ProbeNeed.Required, "the capabilities of containers cannot be limited"),
        (CapabilityConstants.CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", ProbeNeed.Required, "files of other users cannot be read and written, so images cannot be unpacked"),
        (CapabilityConstants.CAP_CHOWN, "CAP_CHOWN", ProbeNeed.Required, "images cannot be unpacked with their owners"),
        (CapabilityConstants.CAP_FOWNER, "CAP_FOWNER", ProbeNeed.Required, "images cannot be unpacked with their permissions"),
        (CapabilityConstants.CAP_MKNOD, "CAP_MKNOD", ProbeNeed.Required, "deleted files of image layers come back, and containers have no /dev"),
        (CapabilityConstants.CAP_KILL, "CAP_KILL", ProbeNeed.Required, "containers of other users cannot be stopped"),
        (CapabilityConstants.CAP_SYS_PTRACE, "CAP_SYS_PTRACE", ProbeNeed.Required, "namespaces of containers cannot be entered"),
        (CapabilityConstants.CAP_SETFCAP, "CAP_SETFCAP", ProbeNeed.Useful, "programs in images lose their file capabilities"),
        (CapabilityConstants.CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE", ProbeNeed.Useful, "host ports below 1024 cannot be published"),
        (CapabilityConstants.CAP_SYS_CHROOT, "CAP_SYS_CHROOT", ProbeNeed.Useful, "mount namespaces cannot be joined"),
        (CapabilityConstants.CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", ProbeNeed.Useful, "OOM scores cannot be lowered and resource limits not raised: the kernel's choice of what to kill is coarser"),
    ];

    /// <summary>The probes for a process.</summary>
    /// <param name="pid">The agent's; 0: the calling process.</param>
    public static IReadOnlyList<Probe> Of(int pid) =>
    [
        .. s_used.Select(used => new Probe(Area, used.Name, used.Need, () => Require(used.Number, pid))
        {
            Privileged = pid == 0,
            Cost = used.Cost,
            Remedy = "start the agent as root with its full set: no CapabilityBoundingSet= in its unit, no --cap-drop around it",
        }),
        new Probe(Area, "bounding set", ProbeNeed.Optional, () => RequireAll(pid))
        {
            Privileged = false,
            Cost = "privileged containers do not get these",
        },
    ];

    /// <summary>Reads one of the sets from the text of /proc/PID/status.</summary>
    internal static ulong? Parse(string status, string set)
    {
        foreach (ReadOnlySpan<char> line in status.AsSpan().EnumerateLines())
        {
            // "CapEff:	000001ffffffffff"
            if (line.StartsWith(set) && line.Length > set.Length && line[set.Length] == ':'
                && ulong.TryParse(line[(set.Length + 1)..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value))
            {
                return value;
            }
        }

        return null;
    }

    private static string Require(int number, int pid)
    {
        ulong held = pid == 0 ? Credentials.ReadEffective() : Read(pid, "CapEff");
        return (held >> number & 1) != 0 ? "" : throw new AgentException(ErrorKind.PermissionDenied, "not held");
    }

    private static string RequireAll(int pid)
    {
        ulong held = pid == 0 ? Credentials.ReadBoundingSet() : Read(pid, "CapBnd");
        int last = int.Parse(ControlFiles.Read("/proc/sys/kernel/cap_last_cap").AsSpan().Trim(), CultureInfo.InvariantCulture);
        ulong lacking = ~held & (ulong.MaxValue >> (63 - last));
        return lacking == 0 ? "complete" : throw new AgentException(
            ErrorKind.PermissionDenied,
            "without " + string.Join(", ", Enumerable.Range(0, last + 1).Where(number => (lacking >> number & 1) != 0).Select(Name)));
    }

    private static string Name(int number) =>
        Array.Find(s_used, used => used.Number == number).Name ?? string.Create(CultureInfo.InvariantCulture, $"capability {number}");

    private static ulong Read(int pid, string set) =>
        Parse(ControlFiles.TryRead($"/proc/{pid}/status") ?? "", set)
        ?? throw new ProbeSkippedException($"process {pid} cannot be looked at");
}
