namespace PodAgent.Configuration;

/// <summary>How images come and go.</summary>
internal sealed record ImageOptions
{
    /// <summary>Directories in containerd's certs.d layout.</summary>
    public required IReadOnlyList<string> RegistryConfig { get; init; }

    /// <summary>Credential files of docker or podman.</summary>
    public required IReadOnlyList<string> AuthFiles { get; init; }

    /// <summary>Images that are never collected.</summary>
    public required IReadOnlyList<string> Pinned { get; init; }

    /// <summary>Percent of the file system in use from which unused images are removed.</summary>
    public required int HighThreshold { get; init; }

    /// <summary>Percent down to which they are removed.</summary>
    public required int LowThreshold { get; init; }

    /// <summary>How long an image is kept at least.</summary>
    public required TimeSpan MinimumAge { get; init; }

    /// <summary>Layers of one image that are fetched at a time.</summary>
    public required int LayersPerPull { get; init; }
}
