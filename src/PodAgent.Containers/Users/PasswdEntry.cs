namespace PodAgent.Containers.Users;

/// <summary>A line of /etc/passwd (passwd(5)).</summary>
internal readonly record struct PasswdEntry(string Name, uint Uid, uint Gid, string Home);
