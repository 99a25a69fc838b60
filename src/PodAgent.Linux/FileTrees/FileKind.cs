using PodAgent.Linux.Native;

namespace PodAgent.Linux.FileTrees;

/// <summary>The type part of a file's mode (inode(7)).</summary>
public enum FileKind : ushort
{
    /// <summary>A named pipe.</summary>
    Fifo = FileTreeConstants.S_IFIFO,

    /// <summary>A character device.</summary>
    CharacterDevice = FileTreeConstants.S_IFCHR,

    /// <summary>A directory.</summary>
    Directory = FileTreeConstants.S_IFDIR,

    /// <summary>A block device.</summary>
    BlockDevice = FileTreeConstants.S_IFBLK,

    /// <summary>A regular file.</summary>
    Regular = FileTreeConstants.S_IFREG,

    /// <summary>A symbolic link.</summary>
    SymbolicLink = FileTreeConstants.S_IFLNK,
}
