using System.Globalization;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Probing;

namespace PodAgent.Cli.Doctor;

/// <summary>Other programs that manage containers, and whether they get into each other's way.</summary>
internal static class PeerProbes
{
    private const string Area = "Other software";

    public static IReadOnlyList<Probe> All { get; } =
    [
        Clashing("kubelet", "both write to /var/log/pods and serve the node's pods: containers are collected by one and started by the other"),
        Clashing("k3s", "it has a kubelet in it, which serves the node's pods too"),
        Peaceful("containerd", "its own socket, cgroups and directories"),
        Peaceful("dockerd", "its own socket, cgroups and directories; it may drop forwarded packets, see Network"),
        Peaceful("crio", "its own socket, cgroups and directories"),
        new Probe(Area, "CNI configuration", ProbeNeed.Optional, CniConfiguration) { Privileged = false },
        new Probe(Area, "crictl", ProbeNeed.Optional, () => Installed("crictl")) { Privileged = false, Remedy = "it speaks to the agent's socket: crictl --runtime-endpoint unix:///run/podagent/podagent.sock" },
    ];

    private static Probe Clashing(string program, string cost) => new(Area, program, ProbeNeed.Useful, () =>
    {
        int pid = Running(program);
        return pid == 0 ? "not running" : throw new AgentException(ErrorKind.FailedPrecondition, string.Create(CultureInfo.InvariantCulture, $"runs as process {pid}"));
    })
    { Privileged = false, Cost = cost, Remedy = $"systemctl disable --now {program}, or give podagent its own --pod-logs and let it run beside it" };

    private static Probe Peaceful(string program, string terms) => new(Area, program, ProbeNeed.Optional, () =>
    {
        int pid = Running(program);
        return pid > 0
            ? string.Create(CultureInfo.InvariantCulture, $"runs as process {pid}: no conflict, it has {terms}")
            : throw new AgentException(ErrorKind.NotFound, "not running");
    })
    { Privileged = false };

    private static string CniConfiguration()
    {
        const string directory = "/etc/cni/net.d";
        string[] files = Directory.Exists(directory)
            ? [.. Directory.EnumerateFiles(directory).Where(file => Path.GetExtension(file) is ".conf" or ".conflist" or ".json").Select(file => Path.GetFileName(file))]
            : [];
        return files.Length > 0
            ? $"{string.Join(", ", files.Order(StringComparer.Ordinal))} in {directory}: not used, pods are on the built-in bridge"
            : throw new AgentException(ErrorKind.NotFound, "none; pods are on the built-in bridge");
    }

    private static string Installed(string program) =>
        InstalledPrograms.Find(program) ?? throw new AgentException(ErrorKind.NotFound, "not installed");

    // The kernel keeps 15 bytes of a name.
    private static int Running(string program) => Directory.EnumerateDirectories("/proc")
        .Select(directory => int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0)
        .FirstOrDefault(pid => pid > 0 && ControlFiles.TryRead($"/proc/{pid}/comm")?.TrimEnd('\n') == program);
}
