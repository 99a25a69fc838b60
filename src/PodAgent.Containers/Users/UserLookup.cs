using PodAgent.Linux;

namespace PodAgent.Containers.Users;

/// <summary>Finds out who a process of a container runs as, from an image's USER or an <c>exec -u</c>.</summary>
public static class UserLookup
{
    /// <summary>
    /// Resolves a user against /etc/passwd and /etc/group inside a root file system.
    /// <list type="bullet">
    /// <item>"" is root: user 0, with the group and home of its entry if there is one.</item>
    /// <item>"name" needs an entry. "uid" does not: without one the group is 0.</item>
    /// <item>":group", "name:group" and "uid:gid" set the group; a group's name needs an entry, a number does not.</item>
    /// </list>
    /// Digits are always a number, never the name of an entry.
    /// </summary>
    /// <exception cref="AgentException">
    /// InvalidArgument: not of these forms, a number out of range, no such name, or the files cannot be read.
    /// </exception>
    public static ResolvedUser Resolve(Fd rootfs, string user)
    {
        (string name, string? group) = Split(user);
        PasswdEntry? entry = FindUser(AccountFiles.ReadPasswd(rootfs), name);
        GroupEntry[] groups = entry is null && group is null ? [] : [.. AccountFiles.ReadGroup(rootfs)];
        uint uid = entry?.Uid ?? UserId.Parse(name, "user");
        uint gid = group is null ? entry?.Gid ?? 0 : FindGroup(groups, group);
        return new ResolvedUser(uid, gid, entry?.Name, entry is { Home.Length: > 0 } ? entry.Value.Home : "/", Memberships(groups, entry?.Name, gid));
    }

    /// <summary>The groups of /etc/group that list a user, given by name or number; empty when there is no such user.</summary>
    /// <exception cref="AgentException">InvalidArgument: the files cannot be read.</exception>
    public static IReadOnlyList<uint> SupplementaryGroups(Fd rootfs, string user)
    {
        string? name = UserId.IsNumeric(user)
            ? UserId.TryParse(user, out uint uid) ? AccountFiles.ReadPasswd(rootfs).Where(e => e.Uid == uid).Select(e => e.Name).FirstOrDefault() : null
            : user;
        return Memberships(AccountFiles.ReadGroup(rootfs), name, null);
    }

    internal static (string User, string? Group) Split(string user)
    {
        int colon = user.IndexOf(':');
        string name = colon < 0 ? user : user[..colon];
        string? group = colon < 0 ? null : user[(colon + 1)..];
        if (group is not null && (group.Length == 0 || group.Contains(':')))
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"invalid user \"{Printable(user)}\": expected \"user\" or \"user:group\"");
        }

        if (user.AsSpan().ContainsAny('\n', '\0', '\r'))
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"invalid user \"{Printable(user)}\": a name has no line break");
        }

        return (name.Length == 0 ? "0" : name, group);
    }

    private static PasswdEntry? FindUser(IEnumerable<PasswdEntry> entries, string name)
    {
        if (UserId.IsNumeric(name))
        {
            uint uid = UserId.Parse(name, "user");
            return entries.Where(e => e.Uid == uid).Select(e => (PasswdEntry?)e).FirstOrDefault();
        }

        return entries.Where(e => e.Name == name).Select(e => (PasswdEntry?)e).FirstOrDefault()
            ?? throw new AgentException(ErrorKind.InvalidArgument, $"user \"{name}\" not found in /etc/passwd of the image");
    }

    private static uint FindGroup(GroupEntry[] groups, string group)
    {
        if (UserId.IsNumeric(group))
        {
            return UserId.Parse(group, "group");
        }

        foreach (GroupEntry entry in groups)
        {
            if (entry.Name == group)
            {
                return entry.Gid;
            }
        }

        throw new AgentException(ErrorKind.InvalidArgument, $"group \"{group}\" not found in /etc/group of the image");
    }

    private static uint[] Memberships(IEnumerable<GroupEntry> groups, string? name, uint? primary) =>
        name is null ? [] : [.. groups.Where(g => g.Members.Contains(name) && g.Gid != primary).Select(g => g.Gid).Distinct()];

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
