namespace PodAgent.Images.Registry;

/// <summary>How this node reaches registries.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// Directories in containerd's <c>certs.d</c> layout, one subdirectory per registry host; the first one that knows a host decides. They are
    /// read with every transfer, so that a change needs no restart.
    /// </summary>
    public IReadOnlyList<string> HostsDirectories { get; init; } = [];

    /// <summary>Credential files of docker or podman, the first with an entry for a repository decides. Read with every transfer.</summary>
    public IReadOnlyList<string> AuthFiles { get; init; } = [];

    /// <summary>Directories, separated by colons, of the credential helpers that these files name.</summary>
    public string HelperPath { get; init; } = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";

    /// <summary>What registries' logs show.</summary>
    public string UserAgent { get; init; } = "podagent";

    /// <summary>Layers of one image that are fetched at a time; containerd's default.</summary>
    public int LayersPerTransfer { get; init; } = 3;

    /// <summary>Layers that are fetched at a time on the whole node.</summary>
    public int LayersOnNode { get; init; } = 10;

    /// <summary>Time for a connection with its TLS handshake, unless <c>hosts.toml</c> says otherwise.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time from a request to the header of its response.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time in which a body must bring <see cref="StallBytes"/>; a connection that does not is given up.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes for each <see cref="StallTimeout"/>.</summary>
    public int StallBytes { get; init; } = 16 * 1024;

    /// <summary>How often something is tried that a registry refuses for now, or that breaks off without any progress.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Wait before the second attempt; doubled for each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait that a registry may ask for; one that asks for more has refused.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(60);
}
