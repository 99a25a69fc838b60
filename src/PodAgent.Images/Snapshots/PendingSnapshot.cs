namespace PodAgent.Images.Snapshots;

/// <summary>A layer that is unpacked and verified, but not yet in its place.</summary>
/// <param name="ChainId">Its name.</param>
/// <param name="Directory">Where it is.</param>
/// <param name="TarSize">Bytes of its uncompressed tar.</param>
internal sealed record PendingSnapshot(string ChainId, string Directory, long TarSize)
{
    /// <summary>Root of the unpacked layer, for the next one.</summary>
    public string FileSystem => Path.Combine(Directory, "fs");
}
