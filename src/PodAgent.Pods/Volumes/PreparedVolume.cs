namespace PodAgent.Pods.Volumes;

/// <summary>A volume that is ready to be mounted into containers.</summary>
/// <param name="HostPath">Where it is on the node.</param>
/// <param name="ReadOnly">Whether every mount of it is read-only, whatever the container says.</param>
internal sealed record PreparedVolume(string HostPath, bool ReadOnly = false);
