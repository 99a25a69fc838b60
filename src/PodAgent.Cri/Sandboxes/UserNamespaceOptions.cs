using Google.Protobuf.Collections;
using PodAgent.Api.Cri;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Sandboxes;

/// <summary>CRI's user namespace of a pod: none, or one with exactly one range of users and one of groups that begin with root.</summary>
internal static class UserNamespaceOptions
{
    /// <summary>The mapping; null: the pod has the host's users.</summary>
    public static IdMapping? MappingOf(NamespaceOption? options) => options?.UsernsOptions is { Mode: NamespaceMode.Pod } users
        ? new IdMapping(Range(users.Uids[0]), Range(users.Gids[0]))
        : null;

    /// <summary>Names everything that is wrong with a sandbox's options.</summary>
    public static IEnumerable<string> Problems(NamespaceOption? options, string field)
    {
        if (options?.UsernsOptions is not { } users)
        {
            return [];
        }

        string here = $"{field}.userns_options";
        return users.Mode switch
        {
            NamespaceMode.Pod =>
            [
                .. RangeProblems(users.Uids, $"{here}.uids"),
                .. RangeProblems(users.Gids, $"{here}.gids"),
                .. options.Pid == NamespaceMode.Node ? [$"{field}.pid: NODE is not possible with a user namespace"] : Array.Empty<string>(),
                .. options.Ipc == NamespaceMode.Node ? [$"{field}.ipc: NODE is not possible with a user namespace"] : Array.Empty<string>(),
            ],
            NamespaceMode.Node when users.Uids.Count + users.Gids.Count > 0 => [$"{here}: mappings are not possible with mode NODE"],
            NamespaceMode.Node => [],
            _ => [$"{here}.mode: {users.Mode.ToString().ToUpperInvariant()} is not possible for a sandbox"],
        };
    }

    /// <summary>Whether a container's options say the same as its sandbox's; none say nothing.</summary>
    public static bool Agree(NamespaceOption? container, NamespaceOption sandbox) =>
        container?.UsernsOptions is not { } own || Canonical(own).Equals(Canonical(sandbox.UsernsOptions));

    /// <summary>Whether the owners of a mount are to be mapped exactly as the sandbox's users are.</summary>
    public static bool Agree(RepeatedField<IDMapping> uids, RepeatedField<IDMapping> gids, NamespaceOption sandbox) =>
        sandbox.UsernsOptions is { Mode: NamespaceMode.Pod } users && uids.Equals(users.Uids) && gids.Equals(users.Gids);

    private static UserNamespace Canonical(UserNamespace? users) => users ?? new UserNamespace { Mode = NamespaceMode.Node };

    private static IEnumerable<string> RangeProblems(RepeatedField<IDMapping> ranges, string field)
    {
        if (ranges.Count != 1)
        {
            return [$"{field}: {ranges.Count} mappings, exactly one is possible"];
        }

        IDMapping range = ranges[0];
        var problems = new List<string>();
        if (range.ContainerId != 0)
        {
            problems.Add($"{field}[0].container_id: {range.ContainerId}, but root (0) must be mapped");
        }

        // The last ID of the 32-bit space means "unchanged" to the kernel.
        if (range.Length == 0 || (ulong)range.HostId + range.Length > uint.MaxValue || (ulong)range.ContainerId + range.Length > uint.MaxValue)
        {
            problems.Add($"{field}[0]: {range.Length} IDs from {range.HostId} on are not a range of IDs");
        }

        return problems;
    }

    private static IdRange Range(IDMapping range) => new(range.ContainerId, range.HostId, range.Length);
}
