namespace PodAgent.Images.Records;

/// <summary>An image in the database. Its configuration is not repeated here: the content store has it, under the ID.</summary>
internal sealed record StoredImage
{
    public const string Format = "image";

    public const int Version = 1;

    public required string Id { get; init; }

    /// <summary>Grows with every change of the database: of two records that claim one tag after a crash, the later one is right.</summary>
    public required long Sequence { get; init; }

    public required List<string> RepoTags { get; init; }

    public required List<string> RepoDigests { get; init; }

    public required string ManifestDigest { get; init; }

    /// <summary>Indexes that were passed on the way to the manifest; kept because a repo digest may name one.</summary>
    public required List<string> IndexDigests { get; init; }

    public required List<StoredLayer> Layers { get; init; }

    /// <summary>Bytes of configuration and layers as stored.</summary>
    public required long Size { get; init; }

    public required DateTimeOffset ImportedAt { get; init; }

    /// <summary>Every blob that the image needs.</summary>
    public IEnumerable<string> Blobs() => [Id, ManifestDigest, .. IndexDigests, .. Layers.Select(layer => layer.Digest)];
}

/// <summary>A layer of a stored image, the lowest first.</summary>
/// <param name="Digest">Digest of the blob.</param>
/// <param name="DiffId">Digest of the uncompressed tar.</param>
/// <param name="ChainId">Digest of this layer on top of those below (OCI image specification, "Layer ChainID").</param>
internal sealed record StoredLayer(string Digest, string DiffId, string ChainId);
