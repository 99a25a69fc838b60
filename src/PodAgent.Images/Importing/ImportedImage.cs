using PodAgent.Images.Configs;
using PodAgent.Images.References;

namespace PodAgent.Images.Importing;

/// <summary>One image found whole in an archive, not yet stored.</summary>
internal sealed record ImportedImage
{
    public required StagedFile Config { get; init; }

    public required StagedFile Manifest { get; init; }

    /// <summary>Indexes passed on the way, the outermost first. The first one's digest is what a pull of the name would have resolved to.</summary>
    public required IReadOnlyList<StagedFile> Indexes { get; init; }

    /// <summary>Layers, the lowest first.</summary>
    public required IReadOnlyList<StagedFile> Layers { get; init; }

    public required ImageConfig Parsed { get; init; }

    /// <summary>Names that the archive gives.</summary>
    public required IReadOnlyList<ImageReference> Names { get; init; }

    /// <summary>Digest for repo digests.</summary>
    public string TargetDigest => (Indexes.Count > 0 ? Indexes[0] : Manifest).Digest;

    public IEnumerable<StagedFile> Files => [Config, Manifest, .. Indexes, .. Layers];
}
