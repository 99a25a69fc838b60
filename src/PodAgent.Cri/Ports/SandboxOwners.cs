using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Ports;

/// <summary>The user namespace of a pod.</summary>
/// <param name="PausePid">A process in it.</param>
/// <param name="Mapping">Its maps.</param>
public sealed record SandboxOwners(int PausePid, IdMapping Mapping);
