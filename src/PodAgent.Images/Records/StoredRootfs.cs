namespace PodAgent.Images.Records;

/// <summary>A container's root file system.</summary>
/// <param name="ContainerId">The container.</param>
/// <param name="ImageId">Where its layers came from; the image may be gone.</param>
/// <param name="ChainIds">The snapshots below the writable layer, the lowest first.</param>
/// <param name="Volumes">The snapshots of each image that it mounts besides, the lowest first; absent: none.</param>
internal sealed record StoredRootfs(string ContainerId, string ImageId, List<string> ChainIds, List<List<string>>? Volumes = null)
{
    public const string Format = "rootfs";

    public const int Version = 1;
}
