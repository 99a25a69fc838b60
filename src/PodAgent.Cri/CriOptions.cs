using System.Net;
using PodAgent.Api.Cri;
using PodAgent.Cri.Streams;
using PodAgent.Images.Registry;
using PodAgent.Linux;

namespace PodAgent.Cri;

/// <summary>Settings of the runtime half.</summary>
public sealed record CriOptions
{
    /// <summary>Directory of everything that a reboot ends (on tmpfs).</summary>
    public string StateDirectory { get; init; } = "/run/podagent";

    /// <summary>Directory of images, writable layers and image volumes.</summary>
    public string RootDirectory { get; init; } = "/var/lib/podagent";

    /// <summary>Path of the <c>pod-sandbox</c> program.</summary>
    public string SandboxBinary { get; init; } = "/usr/libexec/podagent/pod-sandbox";

    /// <summary>
    /// Who makes control groups: the runtime itself, or systemd. It decides what clients may give as a pod's parent and where pods without one
    /// go; a pod that is there stays what it was made as.
    /// </summary>
    public CgroupDriver CgroupDriver { get; init; } = CgroupDriver.Cgroupfs;

    /// <summary>Control group of pods that do not name one, relative to the cgroup root; of a slice the whole path.</summary>
    public string CgroupParent { get; init; } = "podagent";

    /// <summary>Where control groups are mounted.</summary>
    public string CgroupRoot { get; init; } = "/sys/fs/cgroup";

    /// <summary>The bridge that pods are connected to.</summary>
    public string BridgeName { get; init; } = "podagent0";

    /// <summary>Addresses of pods, in CIDR notation.</summary>
    public string PodSubnet { get; init; } = "10.88.0.0/16";

    /// <summary>Largest packet on the bridge, bytes; 0: the kernel's default.</summary>
    public int Mtu { get; init; }

    /// <summary>The node's static busybox, behind the built-in image.</summary>
    public string BusyboxPath { get; init; } = "/bin/busybox";

    /// <summary>Whether supervisors and root file systems are made ahead: pods start sooner, and two idle processes wait for them.</summary>
    public bool KeepsSpares { get; init; } = true;

    /// <summary>How registries are reached.</summary>
    public RegistryOptions Registry { get; init; } = new();

    /// <summary>Names of images that garbage collection leaves alone.</summary>
    public IReadOnlyList<string> PinnedImages { get; init; } = [];

    /// <summary>Name of the nftables table.</summary>
    public string NftTable { get; init; } = "podagent";

    /// <summary>Name of the node, for <c>NodeService</c>.</summary>
    public string NodeName { get; init; } = Environment.MachineName.ToLowerInvariant();

    /// <summary>Version of the agent.</summary>
    public string Version { get; init; } = "0.1.0";

    /// <summary>Size of a pod's /dev/shm, bytes.</summary>
    public long SharedMemoryBytes { get; init; } = 64 << 20;

    /// <summary>Where the streaming server of exec, attach and port-forward listens; port 0: any free one.</summary>
    public IPEndPoint StreamEndpoint { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>TLS of the streaming server; null: none.</summary>
    public StreamTls? StreamTls { get; init; }

    /// <summary>A streaming session over which nothing moves for so long is ended; zero: never.</summary>
    public TimeSpan StreamIdleTimeout { get; init; } = TimeSpan.FromHours(4);

    /// <summary>
    /// Names under which clients may ask for this runtime beside the empty one (a RuntimeClass's handler); an unknown name is refused.
    /// </summary>
    public IReadOnlyList<string> RuntimeHandlers { get; init; } = [];

    /// <summary>Directories of CDI specifications; a later one wins.</summary>
    public IReadOnlyList<string> CdiDirectories { get; init; } = ["/etc/cdi", "/var/run/cdi"];

    /// <summary>How long the undoing of a failed operation may take.</summary>
    public TimeSpan RollbackTimeout { get; init; } = TimeSpan.FromSeconds(10);

    // Tests put the bridge into a namespace of their own.
    internal Fd? HostNetworkNamespace { get; init; }

    internal string SandboxesDirectory => Path.Combine(StateDirectory, "sandboxes");

    internal string ContainersDirectory => Path.Combine(StateDirectory, "containers");

    internal string VolumesDirectory => Path.Combine(RootDirectory, "image-volumes");

    internal string SandboxDirectory(string id) => Path.Combine(SandboxesDirectory, id);

    internal string ContainerDirectory(string id) => Path.Combine(ContainersDirectory, id);

    internal string ContainerVolumes(string id) => Path.Combine(VolumesDirectory, id);
}
