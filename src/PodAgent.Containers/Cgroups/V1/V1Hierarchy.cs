namespace PodAgent.Containers.Cgroups.V1;

/// <summary>A mounted v1 hierarchy; several controllers may share one (<c>cpu,cpuacct</c>).</summary>
internal sealed record V1Hierarchy(string MountPoint, IReadOnlyList<string> Controllers);
