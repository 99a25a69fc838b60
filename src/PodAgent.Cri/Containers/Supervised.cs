using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Containers;

/// <summary>The supervisor of a container that must be running.</summary>
internal static class Supervised
{
    public static SandboxSupervision Require(CriContext runtime, ContainerRecord record, ContainerVerb verb)
    {
        ContainerGuards.Check(record, verb);
        return runtime.Sandboxes.Find(record.SandboxId)?.Supervision
            ?? throw new AgentException(
                ErrorKind.Unavailable, $"container \"{record.Name}\" cannot be reached: the supervisor of its pod has ended");
    }
}
