namespace PodAgent.Images;

/// <summary>
/// How much an archive may ask of this machine. An image's author chooses every size in it, so all of them are bounded before anything
/// is allocated or written.
/// </summary>
public sealed record ImageLimits
{
    /// <summary>Bytes of one manifest or index; registries enforce the same 4 MiB (OCI distribution specification).</summary>
    public int MaxManifestSize { get; init; } = 4 << 20;

    /// <summary>Bytes of one image configuration.</summary>
    public int MaxConfigSize { get; init; } = 4 << 20;

    /// <summary>Layers of one image; docker's limit.</summary>
    public int MaxLayers { get; init; } = 127;

    /// <summary>Files of the outer archive.</summary>
    public int MaxArchiveEntries { get; init; } = 10_000;

    /// <summary>Bytes of the outer archive, after decompression.</summary>
    public long MaxArchiveSize { get; init; } = 64L << 30;

    /// <summary>Entries of one layer.</summary>
    public int MaxLayerEntries { get; init; } = 2_000_000;

    /// <summary>Bytes of one layer's tar stream, after decompression.</summary>
    public long MaxLayerSize { get; init; } = 64L << 30;

    /// <summary>Bytes of all layers of one image, after decompression.</summary>
    public long MaxImageSize { get; init; } = 128L << 30;

    /// <summary>Decompressed bytes per compressed byte, checked above <see cref="CompressionRatioThreshold"/>.</summary>
    public int MaxCompressionRatio { get; init; } = 200;

    /// <summary>Decompressed bytes up to which any ratio is accepted: a layer of zeroes of ordinary size is no bomb.</summary>
    public long CompressionRatioThreshold { get; init; } = 1L << 30;
}
