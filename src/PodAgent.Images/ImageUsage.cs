namespace PodAgent.Images;

/// <summary>Space taken by all images.</summary>
/// <param name="Bytes">Bytes of blobs and unpacked layers.</param>
/// <param name="Inodes">Files, directories and other nodes.</param>
public readonly record struct ImageUsage(long Bytes, long Inodes);
