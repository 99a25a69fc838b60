using PodAgent.Images.Configs;

namespace PodAgent.Images;

/// <summary>A stored image, as it was when asked for.</summary>
public sealed record ImageRecord
{
    /// <summary><c>sha256:</c> and the digest of its configuration.</summary>
    public required string Id { get; init; }

    /// <summary>Names with tags, normalised (<c>docker.io/library/busybox:latest</c>), sorted; empty when all have moved to other images.</summary>
    public required IReadOnlyList<string> RepoTags { get; init; }

    /// <summary>Names with the digest of manifest or index, sorted.</summary>
    public required IReadOnlyList<string> RepoDigests { get; init; }

    /// <summary>Digest of the manifest for this host.</summary>
    public required string ManifestDigest { get; init; }

    /// <summary>Bytes of configuration and layers as stored (compressed when they came so).</summary>
    public required long Size { get; init; }

    /// <summary>How to run it. Untrusted.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>Whether garbage collection of images must leave it alone.</summary>
    public bool Pinned { get; init; }

    /// <summary>Snapshots of its layers, the lowest first.</summary>
    public required IReadOnlyList<string> ChainIds { get; init; }

    /// <summary>When it was last imported.</summary>
    public required DateTimeOffset ImportedAt { get; init; }
}
