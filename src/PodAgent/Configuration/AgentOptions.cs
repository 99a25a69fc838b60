using Microsoft.Extensions.Logging;
using PodAgent.Cri.Streams;

namespace PodAgent.Configuration;

/// <summary>What the agent runs with, after file and flags are merged and checked.</summary>
internal sealed record AgentOptions
{
    /// <summary>The file that was read; null: none.</summary>
    public string? ConfigurationFile { get; init; }

    public required string Root { get; init; }

    public required string State { get; init; }

    public required string Socket { get; init; }

    public required string Manifests { get; init; }

    public required string PodLogs { get; init; }

    public required string NodeName { get; init; }

    public required string SandboxBinary { get; init; }

    public required string CgroupParent { get; init; }

    /// <summary>"cgroupfs" or "systemd".</summary>
    public required string CgroupDriver { get; init; }

    /// <summary>URL of another CRI runtime; null: the built-in one.</summary>
    public required string? RuntimeEndpoint { get; init; }

    public required LogLevel LogLevel { get; init; }

    public required string Bridge { get; init; }

    /// <summary>CIDR notation.</summary>
    public required string Subnet { get; init; }

    public required string NftablesTable { get; init; }

    public required int Mtu { get; init; }

    /// <summary>Names separated by commas; empty: only the nameless one.</summary>
    public required string RuntimeHandlers { get; init; }

    public required string Busybox { get; init; }

    /// <summary>Bytes; negative: logs are not rotated.</summary>
    public required long ContainerLogMaxSize { get; init; }

    /// <summary>Per container attempt, the live one included; at least 2.</summary>
    public required int ContainerLogMaxFiles { get; init; }

    public required TimeSpan RuntimeRequestTimeout { get; init; }

    /// <summary>An IP address.</summary>
    public required string StreamServerAddress { get; init; }

    /// <summary>0: any free one.</summary>
    public required int StreamServerPort { get; init; }

    /// <summary>TLS of the streaming server; null: none.</summary>
    public required StreamTls? StreamTls { get; init; }

    /// <summary>First of the node's IDs that pods with user namespaces get.</summary>
    public required long UserNamespaceBase { get; init; }

    /// <summary>How many pods can have IDs at a time.</summary>
    public required int UserNamespaceCount { get; init; }

    /// <summary>0: never.</summary>
    public required int StreamIdleTimeoutSeconds { get; init; }

    public required ImageOptions Images { get; init; }
}
