using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;

namespace PodAgent.Containers.Launch;

/// <summary>
/// What a container sees at /sys/fs/cgroup: its own cgroup and what is below, by bind mounts of the very directories it was put into. With
/// its own cgroup namespace this looks the same as mounting each hierarchy anew, and works alike for v1 and v2. Read-only unless
/// asked: on v1 a writable hierarchy is a way to the host (release_agent).
/// </summary>
internal static class CgroupView
{
    private const string UnifiedName = "";
    private const string UsualPlace = "/sys/fs/cgroup/";

    /// <summary>Takes copies of the cgroup directories; the name is that of the hierarchy's mount point, empty for v2.</summary>
    public static void Take(IEnumerable<string> paths, List<(string Name, Fd Tree)> trees)
    {
        foreach (string path in paths)
        {
            using Fd directory = FileTree.Open(path, OpenFlags.Path | OpenFlags.Directory);
            FileSystemType type = FileTree.TypeOf(directory);
            trees.Add((type == FileSystemType.Cgroup2 ? UnifiedName : HierarchyName(path, type), MountTrees.Clone(directory, recursive: false, path)));
        }
    }

    public static void Attach(IReadOnlyList<(string Name, Fd Tree)> trees, MountOptions options, Fd place, string destination)
    {
        MountAttributes attributes = MountAttributes.NoSuid | MountAttributes.NoDevices | MountAttributes.NoExec
            | (options.Writable ? MountAttributes.None : MountAttributes.ReadOnly);
        foreach ((_, Fd tree) in trees)
        {
            MountTrees.SetAttributes(tree, attributes, MountAttributes.None, MountFlags.Private, recursive: false, destination);
        }

        if (trees is [(UnifiedName, Fd only)])
        {
            MountTrees.Attach(only, place, destination);
            return;
        }

        using var context = new FileSystemContext("tmpfs");
        context.Set("source", "tmpfs");
        context.Set("mode", "0755");
        using Fd directory = context.CreateMount(MountAttributes.NoSuid | MountAttributes.NoDevices | MountAttributes.NoExec);
        MountTrees.Attach(directory, place, destination);
        foreach ((string name, Fd tree) in trees)
        {
            AttachHierarchy(directory, name.Length == 0 ? "unified" : name, tree);
        }

        MountTrees.SetAttributes(directory, MountAttributes.ReadOnly, MountAttributes.None, MountFlags.None, recursive: false, destination);
    }

    private static void AttachHierarchy(Fd directory, string name, Fd tree)
    {
        _ = FileTree.TryMakeDirectory(name, 0x1ED, directory);
        using Fd place = FileTree.Open(name, OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow, 0, directory);
        MountTrees.Attach(tree, place, name);
        if (name.Contains(','))
        {
            foreach (string controller in name.Split(','))
            {
                _ = FileTree.TryMakeLink(controller, name, directory);
            }
        }
    }

    // The hierarchy's mount point is the highest directory of the path that is still on a cgroup file system.
    private static string HierarchyName(string path, FileSystemType type)
    {
        if (path.StartsWith(UsualPlace, StringComparison.Ordinal))
        {
            string below = path[UsualPlace.Length..];
            int end = below.IndexOf('/', StringComparison.Ordinal);
            return end < 0 ? below : below[..end];
        }

        string current = path.TrimEnd('/');
        while (Path.GetDirectoryName(current) is { Length: > 1 } parent)
        {
            using Fd directory = FileTree.Open(parent, OpenFlags.Path);
            if (FileTree.TypeOf(directory) != type)
            {
                break;
            }

            current = parent;
        }

        return Path.GetFileName(current);
    }
}
