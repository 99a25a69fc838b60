namespace PodAgent.Containers.Cgroups;

/// <summary>Limits of one block device; null: none.</summary>
/// <param name="Major">The device's major number.</param>
/// <param name="Minor">The device's minor number.</param>
/// <param name="ReadBytesPerSecond">Bytes read per second.</param>
/// <param name="WriteBytesPerSecond">Bytes written per second.</param>
/// <param name="ReadOperationsPerSecond">Reads per second.</param>
/// <param name="WriteOperationsPerSecond">Writes per second.</param>
public sealed record IoLimit(
    long Major,
    long Minor,
    ulong? ReadBytesPerSecond = null,
    ulong? WriteBytesPerSecond = null,
    ulong? ReadOperationsPerSecond = null,
    ulong? WriteOperationsPerSecond = null);
