using PodAgent.Pods.Images;

namespace PodAgent.Pods;

/// <summary>How the pod engine of a node is set up.</summary>
public sealed record PodEngineOptions
{
    /// <summary>Persistent state: accepted pods and volumes. Default <c>/var/lib/podagent</c>.</summary>
    public string Root { get; init; } = "/var/lib/podagent";

    /// <summary>State that a reboot ends, on tmpfs. Default <c>/run/podagent</c>.</summary>
    public string State { get; init; } = "/run/podagent";

    /// <summary>The directory whose files are pods; null or empty to watch none. Created when missing.</summary>
    public string? ManifestDirectory { get; init; } = "/etc/podagent/manifests";

    /// <summary>Container logs in the kubelet's layout. Default <c>/var/log/pods</c>.</summary>
    public string PodLogs { get; init; } = "/var/log/pods";

    /// <summary>The node's name; null for the host's.</summary>
    public string? NodeName { get; init; }

    /// <summary>The node's addresses, primary first; null to find them.</summary>
    public IReadOnlyList<string>? HostIps { get; init; }

    /// <summary>
    /// Written as a label on everything this engine makes in the runtime: engines that share a runtime need different names. Pods that carry
    /// the name and that nobody wants are ended.
    /// </summary>
    public string EngineName { get; init; } = "podagent";

    /// <summary>Name of the cgroup above all pods, relative to the hierarchy's root; where they are slices of systemd, also its name as one.</summary>
    public string CgroupRoot { get; init; } = "podagent";

    /// <summary>Whether the runtime makes cgroups through systemd, for runtimes that cannot be asked.</summary>
    public bool SystemdCgroups { get; init; }

    /// <summary>Addresses of the cluster's DNS; empty without a cluster: pods then use the node's resolver.</summary>
    public IReadOnlyList<string> ClusterDns { get; init; } = [];

    /// <summary>The cluster's DNS domain.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>The node's resolver configuration.</summary>
    public string ResolvConf { get; init; } = "/etc/resolv.conf";

    /// <summary>The node's hosts file, handed on to pods on the host's network.</summary>
    public string HostsFile { get; init; } = "/etc/hosts";

    /// <summary>Containers that name no seccomp profile get the runtime's default one.</summary>
    public bool SeccompDefault { get; init; } = true;

    /// <summary>Where localhost seccomp profiles are.</summary>
    public string SeccompDirectory { get; init; } = "/var/lib/podagent/seccomp";

    /// <summary>A container's log that is larger, in bytes, is put aside; negative: never. Default 10 MiB.</summary>
    public long LogMaxBytes { get; init; } = 10 << 20;

    /// <summary>Files of one container's log that are kept, the live one included; at least 2. Default 5.</summary>
    public int LogMaxFiles { get; init; } = 5;

    /// <summary>How long the runtime may take for a call that waits for nothing by itself. Default 2 minutes.</summary>
    public TimeSpan RuntimeRequestTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>First of the host's IDs that pods with user namespaces get, 65536 each; those below are the host's own.</summary>
    public uint UserNamespaceFirstId { get; init; } = 65536;

    /// <summary>How many pods with user namespaces there can be.</summary>
    public int UserNamespaceCount { get; init; } = 65534;

    /// <summary>How often the manifest directory is read again although nothing was notified.</summary>
    public TimeSpan ManifestRescan { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>When unused images are removed.</summary>
    public ImageCollectionOptions ImageCollection { get; init; } = new();

    /// <summary>How often every pod is compared with the runtime although no event arrived.</summary>
    public TimeSpan Resync { get; init; } = TimeSpan.FromSeconds(90);
}
