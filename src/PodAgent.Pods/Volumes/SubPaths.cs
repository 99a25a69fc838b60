using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;

namespace PodAgent.Pods.Volumes;

/// <summary>
/// A part of a volume as a mount of its own. The path inside the volume is the workload's to change at any time, so it is resolved once, by
/// openat2(2) that cannot leave the volume, and what was found is bound by descriptor to a place that only the agent can write: the runtime
/// gets that place, and no later swap of a symbolic link can redirect it (CVE-2017-1002101, CVE-2021-25741).
/// </summary>
internal sealed class SubPaths
{
    private readonly PodDirectories _directories;

    public SubPaths(PodDirectories directories) => _directories = directories;

    /// <returns>The path to hand to the runtime.</returns>
    /// <exception cref="Config.ContainerConfigException">The path leaves the volume or cannot be opened.</exception>
    public string Prepare(string uid, string container, int index, string volumePath, string subPath)
    {
        if (subPath.StartsWith('/') || subPath.Split('/').Contains(".."))
        {
            throw new Config.ContainerConfigException($"subPath \"{subPath}\" must be a relative path without \"..\"");
        }

        try
        {
            using Fd volume = FileTree.Open(volumePath, OpenFlags.Path | OpenFlags.Directory);
            using Fd place = Open(volume, subPath);
            bool directory = FileTree.Status(place).Kind == FileKind.Directory;
            string target = Path.Combine(_directories.FilesOf(uid), "subpaths", container, $"{index}");
            Clear(target);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (directory)
            {
                Directory.CreateDirectory(target);
            }
            else
            {
                File.WriteAllBytes(target, []);
            }

            using Fd tree = MountTrees.Clone(place, recursive: true, subPath);
            MountTrees.Attach(tree, target);
            return target;
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            throw new Config.ContainerConfigException($"failed to prepare subPath \"{subPath}\" of container \"{container}\": {e.Message}");
        }
    }

    private static Fd Open(Fd volume, string subPath)
    {
        // Links inside the volume are followed as long as they stay inside; the kernel refuses every other.
        const ResolveFlags Resolve = ResolveFlags.Beneath | ResolveFlags.NoMagicLinks;
        Fd? found = FileTree.TryOpen(volume, subPath, OpenFlags.Path, Resolve, 0, out Errno errno);
        if (found is not null)
        {
            return found;
        }

        if (errno != Errno.ENOENT)
        {
            throw new LinuxException("openat2(2)", subPath, errno);
        }

        // Missing directories are made one by one, each below what was opened before it.
        Fd current = FileTree.Open(volume, ".", OpenFlags.Path | OpenFlags.Directory, Resolve);
        foreach (string part in subPath.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using Fd parent = current;
            FileTree.TryMakeDirectory(part, 0b111_101_000, parent);
            current = FileTree.Open(parent, part, OpenFlags.Path | OpenFlags.Directory, ResolveFlags.Beneath | ResolveFlags.NoSymlinks);
        }

        return current;
    }

    private static void Clear(string target)
    {
        while (Mounts.TryUnmount(target, detach: true))
        {
        }
    }
}
