namespace PodAgent.Cri.Ports;

/// <summary>A device node.</summary>
/// <param name="Path">On the host.</param>
/// <param name="Type">'c' or 'b'.</param>
/// <param name="Major">Driver.</param>
/// <param name="Minor">Unit.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
public sealed record HostDevice(string Path, char Type, long Major, long Minor, uint Mode, uint Uid, uint Gid);
