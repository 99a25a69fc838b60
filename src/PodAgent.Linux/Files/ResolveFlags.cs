using PodAgent.Linux.Native;

namespace PodAgent.Linux.Files;

/// <summary>How openat2(2) walks a path.</summary>
[Flags]
public enum ResolveFlags : ulong
{
    /// <summary>As open(2).</summary>
    None = 0,

    /// <summary>RESOLVE_NO_XDEV: refuse to cross into another mount.</summary>
    NoCrossing = FileConstants.RESOLVE_NO_XDEV,

    /// <summary>RESOLVE_NO_MAGICLINKS: refuse the links of /proc that lead anywhere.</summary>
    NoMagicLinks = FileConstants.RESOLVE_NO_MAGICLINKS,

    /// <summary>RESOLVE_NO_SYMLINKS: refuse every symbolic link.</summary>
    NoSymlinks = FileConstants.RESOLVE_NO_SYMLINKS,

    /// <summary>RESOLVE_BENEATH: refuse to leave the directory.</summary>
    Beneath = FileConstants.RESOLVE_BENEATH,

    /// <summary>RESOLVE_IN_ROOT: the directory is the root, for absolute links and .. too.</summary>
    InRoot = FileConstants.RESOLVE_IN_ROOT,
}
