namespace PodAgent.Cri.Ports;

/// <summary>Space on a file system.</summary>
/// <param name="Bytes">Bytes allocated.</param>
/// <param name="Inodes">Files and directories.</param>
public readonly record struct DiskUsage(ulong Bytes, ulong Inodes);
