using Microsoft.Extensions.Logging;

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

    /// <summary>0: never.</summary>
    public required int StreamIdleTimeoutSeconds { get; init; }

    public required ImageOptions Images { get; init; }
}
