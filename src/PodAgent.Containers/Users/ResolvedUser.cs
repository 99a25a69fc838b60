namespace PodAgent.Containers.Users;

/// <summary>Who a process runs as.</summary>
/// <param name="Uid">User number, 0..2147483647.</param>
/// <param name="Gid">Primary group number, 0..2147483647.</param>
/// <param name="Name">The user's name in the image's /etc/passwd; null when the number has no entry there.</param>
/// <param name="Home">The home directory; "/" when there is no entry.</param>
/// <param name="AdditionalGroups">The groups of the image's /etc/group that list the user; empty when the user has no name.</param>
public sealed record ResolvedUser(uint Uid, uint Gid, string? Name, string Home, IReadOnlyList<uint> AdditionalGroups);
