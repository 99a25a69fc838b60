using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>Flags of open(2). O_CLOEXEC is always added.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>O_RDONLY.</summary>
    ReadOnly = FileConstants.O_RDONLY,

    /// <summary>O_WRONLY.</summary>
    WriteOnly = FileConstants.O_WRONLY,

    /// <summary>O_RDWR.</summary>
    ReadWrite = FileConstants.O_RDWR,

    /// <summary>O_CREAT.</summary>
    Create = FileConstants.O_CREAT,

    /// <summary>O_EXCL.</summary>
    Exclusive = FileConstants.O_EXCL,

    /// <summary>O_NOCTTY.</summary>
    NoControllingTerminal = FileConstants.O_NOCTTY,

    /// <summary>O_TRUNC.</summary>
    Truncate = FileConstants.O_TRUNC,

    /// <summary>O_APPEND.</summary>
    Append = FileConstants.O_APPEND,

    /// <summary>O_NONBLOCK.</summary>
    NonBlocking = FileConstants.O_NONBLOCK,

    /// <summary>O_DIRECTORY.</summary>
    Directory = FileConstants.O_DIRECTORY,

    /// <summary>O_NOFOLLOW.</summary>
    NoFollow = FileConstants.O_NOFOLLOW,

    /// <summary>O_PATH: a place in the file tree, without opening what is there.</summary>
    Path = FileConstants.O_PATH,
}
