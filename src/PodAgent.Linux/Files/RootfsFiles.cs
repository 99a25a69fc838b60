namespace PodAgent.Linux.Files;

/// <summary>
/// Reads files of a container's root file system, whose content an image's author chose: a symbolic link resolves inside the root, a
/// device or FIFO is never opened, and a size cap keeps a huge file from filling the agent's memory.
/// </summary>
public static class RootfsFiles
{
    /// <summary>A descriptor that only names a directory (O_PATH), to resolve paths from.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static Fd OpenRoot(string directory) => FileTree.Open(directory, OpenFlags.Path);

    /// <summary>
    /// The content of a regular file; null when the path does not exist inside the root.
    /// </summary>
    /// <param name="rootfs">The root directory.</param>
    /// <param name="path">Path inside it; absolute and relative mean the same.</param>
    /// <param name="maxBytes">Largest size that is read.</param>
    /// <exception cref="LinuxException">The kernel refuses; also EINVAL for anything but a regular file, EFBIG above the cap.</exception>
    public static byte[]? TryRead(Fd rootfs, string path, int maxBytes)
    {
        // O_PATH first: opening a FIFO would block, and opening a device acts on it.
        using Fd? found = FileTree.TryOpen(rootfs, path, OpenFlags.Path, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out Errno errno);
        if (found is null)
        {
            return errno is Errno.ENOENT or Errno.ENOTDIR ? null : throw new LinuxException("openat2(2)", path, errno);
        }

        FileStatus status = FileTree.Status(found);
        if (status.Kind != FileKind.Regular)
        {
            throw new LinuxException("open regular file", path, Errno.EINVAL);
        }

        if (status.Size > maxBytes)
        {
            throw new LinuxException("read(2)", path, Errno.EFBIG);
        }

        using Fd file = FileTree.TryOpen(found.ProcPath, OpenFlags.ReadOnly | OpenFlags.NoControllingTerminal, out errno)
            ?? throw new LinuxException("open(2)", path, errno);

        // The file may grow between the check and the read, so the cap holds for the read once more.
        return FileData.Read(file, path, maxBytes);
    }
}
