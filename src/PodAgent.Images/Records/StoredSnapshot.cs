namespace PodAgent.Images.Records;

/// <summary>An unpacked layer.</summary>
/// <param name="ChainId">Its name.</param>
/// <param name="DiffId">Digest of the tar that was unpacked.</param>
/// <param name="Bytes">Space on disk.</param>
/// <param name="Inodes">Files, directories and other nodes.</param>
/// <param name="Boot">Only while the machine has this boot ID is the layer known to be whole; null: it is on the disk.</param>
internal sealed record StoredSnapshot(string ChainId, string DiffId, long Bytes, long Inodes, string? Boot = null)
{
    public const string Format = "snapshot";

    public const int Version = 1;
}
