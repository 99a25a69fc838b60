namespace PodAgent.Linux.Files;

/// <summary>Sizes of a file system (statfs(2)).</summary>
/// <param name="Size">In bytes.</param>
/// <param name="Free">Free bytes, those reserved for root included.</param>
/// <param name="Available">Free bytes for everybody.</param>
/// <param name="Inodes">Number of inodes; 0 when the file system has no such limit.</param>
/// <param name="FreeInodes">Number of free inodes.</param>
public readonly record struct FileSystemUsage(ulong Size, ulong Free, ulong Available, ulong Inodes, ulong FreeInodes);
