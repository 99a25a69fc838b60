using Microsoft.Extensions.Logging;

namespace PodAgent.Configuration;

/// <summary>What the agent runs with, after file and flags are merged and checked.</summary>
internal sealed record AgentOptions
{
    public required string Root { get; init; }

    public required string State { get; init; }

    public required string Socket { get; init; }

    public required string Manifests { get; init; }

    public required string PodLogs { get; init; }

    public required string NodeName { get; init; }

    public required string SandboxBinary { get; init; }

    public required string CgroupParent { get; init; }

    /// <summary>URL of another CRI runtime; null: the built-in one.</summary>
    public required string? RuntimeEndpoint { get; init; }

    public required LogLevel LogLevel { get; init; }

    public required string Bridge { get; init; }

    /// <summary>CIDR notation.</summary>
    public required string Subnet { get; init; }

    public required string NftablesTable { get; init; }

    public required int Mtu { get; init; }

    public required string Busybox { get; init; }

    /// <summary>Directories in containerd's certs.d layout.</summary>
    public required IReadOnlyList<string> RegistryConfig { get; init; }

    /// <summary>Credential files of docker or podman.</summary>
    public required IReadOnlyList<string> AuthFiles { get; init; }

    /// <summary>Images that are never collected.</summary>
    public required IReadOnlyList<string> PinnedImages { get; init; }

    /// <summary>Percent of the file system.</summary>
    public required int ImageHighThreshold { get; init; }

    /// <summary>Percent of the file system.</summary>
    public required int ImageLowThreshold { get; init; }

    public required TimeSpan ImageMinimumAge { get; init; }

    public required int LayersPerPull { get; init; }
}
