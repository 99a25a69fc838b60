namespace PodAgent.Images.Snapshots;

/// <summary>What a container's root file system is made of.</summary>
/// <param name="ContainerId">Letters, digits, <c>_</c>, <c>.</c> and <c>-</c>, at most 128.</param>
/// <param name="Image">The image; it may be removed afterwards.</param>
public sealed record RootfsRequest(string ContainerId, ImageRecord Image)
{
    /// <summary>Further images that the container mounts; they may be removed afterwards too.</summary>
    public IReadOnlyList<ImageRecord> Volumes { get; init; } = [];

    /// <summary>The user namespace by which the owners of the layers' files are mapped; null: they are the host's.</summary>
    public MappedOwners? Owners { get; init; }
}
