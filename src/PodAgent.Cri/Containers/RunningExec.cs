using PodAgent.Cri.Ports;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers;

/// <summary>A command that was started in a container.</summary>
internal sealed record RunningExec(string Id, Task<Wire.ProcessState> Ended, ICgroup Cgroup);
