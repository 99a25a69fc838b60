using PodAgent.Images.Archives;
using PodAgent.Linux;

namespace PodAgent.Images.Snapshots;

/// <summary>Which extended attributes of an archive reach the disk.</summary>
internal static class LayerAttributes
{
    /// <summary>
    /// File capabilities, POSIX access lists and users' own attributes do. Labels of security modules and other privileged ones do not: they
    /// would be this host's decision, made by the image.
    /// </summary>
    /// <exception cref="ContentException">An attribute of overlayfs, which would change the meaning of other layers.</exception>
    public static bool IsKept(string name, TarEntryType type)
    {
        if (name.StartsWith("trusted.overlay.", StringComparison.Ordinal))
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"extended attribute \"{name}\" is reserved for overlayfs");
        }

        // The kernel has "user." attributes on files and directories only (xattr(7)).
        return name is "security.capability" or "system.posix_acl_access" or "system.posix_acl_default"
            || (name.StartsWith("user.", StringComparison.Ordinal) && type is TarEntryType.Regular or TarEntryType.Directory);
    }
}
