using PodAgent.Api.Cri;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Ports;

/// <summary>The files that all containers of a pod share: what goes into them, and the pod's shared memory.</summary>
public interface ISandboxFiles
{
    /// <summary>Content of /etc/hosts.</summary>
    string Hosts(string hostname, IReadOnlyList<string> addresses, bool hostNetwork);

    /// <summary>Content of /etc/resolv.conf; null configuration: the node's.</summary>
    string ResolvConf(DNSConfig? dns);

    /// <summary>Mounts a tmpfs of this size on a directory, owned by the root of a user namespace where the pod has one.</summary>
    void MountSharedMemory(string directory, long bytes, IdMapping? owners);

    /// <summary>Gives a file to the root of a user namespace.</summary>
    void GiveTo(string path, IdMapping owners);

    /// <summary>Takes it away; not mounted is fine.</summary>
    void UnmountSharedMemory(string directory);
}
