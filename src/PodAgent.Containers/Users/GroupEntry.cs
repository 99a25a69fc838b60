namespace PodAgent.Containers.Users;

/// <summary>A line of /etc/group (group(5)).</summary>
internal readonly record struct GroupEntry(string Name, uint Gid, IReadOnlyList<string> Members);
