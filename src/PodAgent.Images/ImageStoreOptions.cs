using PodAgent.Images.Registry;

namespace PodAgent.Images;

/// <summary>Where an image store lives and how much it accepts.</summary>
public sealed record ImageStoreOptions
{
    /// <summary>Directory of blobs and image records.</summary>
    public string Root { get; init; } = "/var/lib/podagent/images";

    /// <summary>Directory of unpacked layers and containers' writable layers; its file system must be fit for overlayfs' upper layer.</summary>
    public string SnapshotRoot { get; init; } = "/var/lib/podagent/snapshots";

    /// <summary>How registries are reached.</summary>
    public RegistryOptions Registry { get; init; } = new();

    /// <summary>Names of images that garbage collection must leave alone, normalised.</summary>
    public IReadOnlySet<string> Pinned { get; init; } = new HashSet<string>();

    /// <summary>Bounds on archives.</summary>
    public ImageLimits Limits { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Receives a sentence for each thing that was found damaged and set aside or repaired.</summary>
    public Action<string>? Warning { get; init; }
}
