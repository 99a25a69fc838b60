using PodAgent.Linux;

namespace PodAgent.Containers.Launch;

/// <summary>The places in a root file system at which something is mounted in every container.</summary>
public static class MountPoints
{
    private static readonly string[] s_directories = ["/proc", "/dev", "/sys"];
    private static readonly string[] s_files = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];

    /// <summary>
    /// Makes those that are missing, as the start of a container would. What cannot be made is left to that start, which can say for which
    /// container.
    /// </summary>
    /// <param name="root">Root of a file system that no container uses yet.</param>
    public static void Make(Fd root)
    {
        var tree = new RootTree(root);
        foreach (string path in s_directories)
        {
            TryMake(tree, path, directory: true);
        }

        foreach (string path in s_files)
        {
            TryMake(tree, path, directory: false);
        }
    }

    private static void TryMake(RootTree tree, string path, bool directory)
    {
        try
        {
            using Fd place = tree.OpenOrCreate(path, directory, links: !directory);
        }
        catch (LinuxException)
        {
            // A link where none may be, a file where a directory must be: the start of a container names it.
        }
    }
}
