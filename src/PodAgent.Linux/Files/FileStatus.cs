namespace PodAgent.Linux.Files;

/// <summary>What statx(2) says about a file.</summary>
public readonly record struct FileStatus
{
    /// <summary>What it is.</summary>
    public required FileKind Kind { get; init; }

    /// <summary>The lower twelve bits of its mode: permissions, set-ID and sticky bits.</summary>
    public required uint Permissions { get; init; }

    /// <summary>Owner.</summary>
    public required uint Uid { get; init; }

    /// <summary>Owning group.</summary>
    public required uint Gid { get; init; }

    /// <summary>In bytes; for a symbolic link the length of its target.</summary>
    public required long Size { get; init; }

    /// <summary>Space on disk, in bytes.</summary>
    public required long AllocatedBytes { get; init; }

    /// <summary>The device that holds it (<see cref="DeviceNumber"/>).</summary>
    public required ulong Device { get; init; }

    /// <summary>Its number on that device.</summary>
    public required ulong Inode { get; init; }

    /// <summary>Hard links.</summary>
    public required uint Links { get; init; }

    /// <summary>For a device node: which device it stands for (<see cref="DeviceNumber"/>).</summary>
    public required ulong RawDevice { get; init; }

    /// <summary>Modification time, seconds since 1970.</summary>
    public required long ModifiedSeconds { get; init; }

    /// <summary>Its fraction, 0 to 999 999 999.</summary>
    public required uint ModifiedNanoseconds { get; init; }

    /// <summary>Whether this is overlayfs' mark of a deleted name: a character device 0:0.</summary>
    public bool IsWhiteout => Kind == FileKind.CharacterDevice && RawDevice == 0;
}
