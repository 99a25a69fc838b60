using PodAgent.Linux.Files;

namespace PodAgent.Cri.Sandboxes;

/// <summary>
/// What is in a sandbox's directory, which only root may enter:
/// <c>sandbox.state</c>, <c>exits/</c> (written by the supervisor), <c>hostname</c>, <c>hosts</c>, <c>resolv.conf</c>, <c>shm/</c>.
/// </summary>
internal static class SandboxFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static string Exits(string directory) => Path.Combine(directory, "exits");

    public static string Hostname(string directory) => Path.Combine(directory, "hostname");

    public static string Hosts(string directory) => Path.Combine(directory, "hosts");

    public static string ResolvConf(string directory) => Path.Combine(directory, "resolv.conf");

    public static string SharedMemory(string directory) => Path.Combine(directory, "shm");

    public static void CreateDirectories(string directory)
    {
        Directory.CreateDirectory(directory, OwnerOnly);
        Directory.CreateDirectory(Exits(directory), OwnerOnly);
    }

    /// <summary>Removes a directory in which a container may have made anything, names and depths that no path can have included.</summary>
    public static void Delete(string directory)
    {
        if (Directory.Exists(directory))
        {
            DirectoryEntries.RemoveTree(directory);
        }
    }
}
