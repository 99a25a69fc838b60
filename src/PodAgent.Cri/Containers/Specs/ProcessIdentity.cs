using PodAgent.Api.Cri;
using PodAgent.Containers.Users;
using PodAgent.Cri.Ports;
using PodAgent.Linux;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>Who the container's processes are.</summary>
/// <param name="User">User and primary group.</param>
/// <param name="Groups">All groups, the primary one first.</param>
internal sealed record ProcessIdentity(ResolvedUser User, IReadOnlyList<uint> Groups)
{
    // The kernel takes 2^32-1 as "unchanged", and other tools wrap above 2^31-1 (CVE-2024-40635).
    private const long MaxId = int.MaxValue;

    /// <summary>
    /// The user of the security context, else of the image; groups of the context, and with the Merge policy those of the image too.
    /// </summary>
    /// <exception cref="AgentException">InvalidArgument.</exception>
    public static ProcessIdentity Resolve(IUserDatabase users, Fd rootfs, LinuxContainerSecurityContext? security, string imageUser)
    {
        ResolvedUser user = users.Resolve(rootfs, UserString(security, imageUser));
        var groups = new List<uint> { user.Gid };
        foreach (long gid in security?.SupplementalGroups ?? [])
        {
            Add(groups, Checked("supplemental_groups", gid));
        }

        if (security?.SupplementalGroupsPolicy != SupplementalGroupsPolicy.Strict)
        {
            foreach (uint gid in user.AdditionalGroups)
            {
                Add(groups, gid);
            }
        }

        return new ProcessIdentity(user, groups);
    }

    /// <summary>"uid:gid", "name:gid", ... as <see cref="IUserDatabase"/> reads it.</summary>
    public static string UserString(LinuxContainerSecurityContext? security, string imageUser)
    {
        if (security is null)
        {
            return imageUser;
        }

        string? user = security.RunAsUser is { } uid ? $"{Checked("run_as_user", uid.Value)}"
            : security.RunAsUsername.Length > 0 ? security.RunAsUsername
            : null;
        if (user is null)
        {
            return security.RunAsGroup is null
                ? imageUser
                : throw new AgentException(ErrorKind.InvalidArgument, "run_as_group is given without run_as_user or run_as_username");
        }

        return security.RunAsGroup is { } group ? $"{user}:{Checked("run_as_group", group.Value)}" : user;
    }

    private static uint Checked(string field, long id) => id is >= 0 and <= MaxId
        ? (uint)id
        : throw new AgentException(ErrorKind.InvalidArgument, $"{field}: {id} is not in 0..{MaxId}");

    private static void Add(List<uint> groups, uint gid)
    {
        if (!groups.Contains(gid))
        {
            groups.Add(gid);
        }
    }
}
