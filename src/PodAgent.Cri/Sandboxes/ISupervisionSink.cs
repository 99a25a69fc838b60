using PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Sandboxes;

/// <summary>Who wants to know what happens to processes. Called in order per sandbox; must not block.</summary>
internal interface ISupervisionSink
{
    void ContainerExited(string sandboxId, ProcessState process);

    void PauseEnded(string sandboxId);

    void SupervisorLost(string sandboxId);
}
