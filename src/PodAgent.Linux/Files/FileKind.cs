using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>Kinds of files (S_IFMT).</summary>
public enum FileKind : uint
{
    /// <summary>None; of no file.</summary>
    None = 0,

    /// <summary>A named pipe.</summary>
    Fifo = FileConstants.S_IFIFO,

    /// <summary>A character device.</summary>
    CharacterDevice = FileConstants.S_IFCHR,

    /// <summary>A directory.</summary>
    Directory = FileConstants.S_IFDIR,

    /// <summary>A block device.</summary>
    BlockDevice = FileConstants.S_IFBLK,

    /// <summary>A regular file.</summary>
    Regular = FileConstants.S_IFREG,

    /// <summary>A symbolic link.</summary>
    SymbolicLink = FileConstants.S_IFLNK,

    /// <summary>A socket.</summary>
    Socket = FileConstants.S_IFSOCK,
}
