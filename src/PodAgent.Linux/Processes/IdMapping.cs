using System.Globalization;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Processes;

/// <summary>The users and groups of a user namespace, one range each.</summary>
/// <param name="Users">The map of users.</param>
/// <param name="Groups">The map of groups.</param>
public sealed record IdMapping(IdRange Users, IdRange Groups)
{
    /// <summary>What the namespace's root is outside.</summary>
    public uint RootUser => Users.ToOutside(0);

    /// <summary>What the namespace's root group is outside.</summary>
    public uint RootGroup => Groups.ToOutside(0);

    /// <summary>
    /// Gives a new user namespace its maps, which can be done once. A member with the full capabilities of the parent namespace leaves
    /// setgroups(2) allowed.
    /// </summary>
    /// <param name="pid">A process in the namespace.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Write(int pid)
    {
        Write(pid, "uid_map", Users);
        Write(pid, "gid_map", Groups);
    }

    private static void Write(int pid, string file, IdRange range) => ControlFiles.Write(
        string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}"),
        string.Create(CultureInfo.InvariantCulture, $"{range.Inside} {range.Outside} {range.Length}"));
}
