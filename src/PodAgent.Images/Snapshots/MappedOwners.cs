using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Images.Snapshots;

/// <summary>A user namespace and its maps.</summary>
/// <param name="UserNamespace">The namespace; the caller keeps it open.</param>
/// <param name="Mapping">Its maps.</param>
public sealed record MappedOwners(Fd UserNamespace, IdMapping Mapping);
