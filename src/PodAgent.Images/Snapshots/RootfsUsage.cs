namespace PodAgent.Images.Snapshots;

/// <summary>Space taken by a container's writable layer.</summary>
/// <param name="Bytes">Allocated bytes.</param>
/// <param name="Inodes">Files, directories and other nodes, the layer's root included.</param>
public readonly record struct RootfsUsage(long Bytes, long Inodes);
