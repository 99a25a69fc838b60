using PodAgent.Api.Cri;

namespace PodAgent.Cri.Ports;

/// <summary>The files that all containers of a pod share: what goes into them, and the pod's shared memory.</summary>
public interface ISandboxFiles
{
    /// <summary>Content of /etc/hosts.</summary>
    string Hosts(string hostname, IReadOnlyList<string> addresses, bool hostNetwork);

    /// <summary>Content of /etc/resolv.conf; null configuration: the node's.</summary>
    string ResolvConf(DNSConfig? dns);

    /// <summary>Mounts a tmpfs of this size on a directory.</summary>
    void MountSharedMemory(string directory, long bytes);

    /// <summary>Takes it away; not mounted is fine.</summary>
    void UnmountSharedMemory(string directory);
}
