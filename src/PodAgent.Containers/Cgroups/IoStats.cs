namespace PodAgent.Containers.Cgroups;

/// <summary>I/O of one block device, cumulative.</summary>
/// <param name="Major">The device's major number.</param>
/// <param name="Minor">The device's minor number.</param>
/// <param name="ReadBytes">Bytes read.</param>
/// <param name="WriteBytes">Bytes written.</param>
/// <param name="ReadOperations">Reads.</param>
/// <param name="WriteOperations">Writes.</param>
public sealed record IoStats(long Major, long Minor, ulong ReadBytes, ulong WriteBytes, ulong ReadOperations, ulong WriteOperations);
