using PodAgent.Api.Cri;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>What every container has unless its configuration says otherwise.</summary>
internal static class ContainerDefaults
{
    /// <summary>The file systems of a Linux container (OCI runtime specification, "Default Filesystems", and the pod's IPC objects).</summary>
    public static IReadOnlyList<Wire.Mount> Mounts(bool privileged) =>
    [
        Mount("/proc", "proc", "nosuid", "noexec", "nodev"),
        Mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        Mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
        Mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        Mount("/sys", "sysfs", privileged ? ["nosuid", "noexec", "nodev"] : ["nosuid", "noexec", "nodev", "ro"]),
        Mount("/sys/fs/cgroup", "cgroup", privileged ? ["nosuid", "noexec", "nodev"] : ["nosuid", "noexec", "nodev", "ro"]),
    ];

    /// <summary>How the container's process IDs relate to the pod's.</summary>
    public static NamespaceMode PidMode(LinuxContainerSecurityContext? security, NamespaceOption sandbox) =>
        security?.NamespaceOptions?.Pid ?? sandbox.Pid;

    private static Wire.Mount Mount(string destination, string type, params string[] options) =>
        new() { Destination = destination, Type = type, Source = type, Options = { options } };
}
