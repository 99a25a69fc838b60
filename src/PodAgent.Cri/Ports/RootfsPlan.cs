using PodAgent.Images;

namespace PodAgent.Cri.Ports;

/// <summary>What a container's root file system is made of.</summary>
/// <param name="ContainerId">Whose it is.</param>
/// <param name="Image">Its image.</param>
/// <param name="Volumes">Further images that it mounts.</param>
/// <param name="Owners">By which the owners of files are mapped; null: they are the host's.</param>
public sealed record RootfsPlan(string ContainerId, ImageRecord Image, IReadOnlyList<ImageRecord> Volumes, SandboxOwners? Owners);
