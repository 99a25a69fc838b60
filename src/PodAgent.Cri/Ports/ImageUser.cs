namespace PodAgent.Cri.Ports;

/// <summary>A user as the image knows it.</summary>
/// <param name="Uid">User ID.</param>
/// <param name="Gid">Primary group.</param>
/// <param name="Name">Null: the image has no such user, only the number was given.</param>
/// <param name="Home">Null: not known.</param>
public sealed record ImageUser(uint Uid, uint Gid, string? Name, string? Home);
