namespace PodAgent.Linux.FileTrees;

/// <summary>What statx(2) tells about a file.</summary>
/// <param name="Kind">File type.</param>
/// <param name="Permissions">The low twelve mode bits, set-ID and sticky bits included.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Size">Bytes; for a symbolic link the length of its target.</param>
/// <param name="AllocatedBytes">Space on disk, 512-byte blocks counted.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="Links">Hard links.</param>
/// <param name="Major">Device number of a device node.</param>
/// <param name="Minor">Device number of a device node.</param>
/// <param name="ModifiedSeconds">Modification time, seconds since 1970.</param>
/// <param name="ModifiedNanoseconds">Its fraction, 0 to 999 999 999.</param>
public readonly record struct FileStatus(
    FileKind Kind,
    uint Permissions,
    uint Uid,
    uint Gid,
    long Size,
    long AllocatedBytes,
    ulong Inode,
    uint Links,
    uint Major,
    uint Minor,
    long ModifiedSeconds,
    uint ModifiedNanoseconds)
{
    /// <summary>Whether this is overlayfs' mark of a deleted name: a character device 0:0.</summary>
    public bool IsWhiteout => Kind == FileKind.CharacterDevice && Major == 0 && Minor == 0;
}
