using PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Ports;

/// <summary>Where the supervising processes of pods come from.</summary>
public interface ISandboxSupervisors
{
    /// <summary>Starts a pod's supervisor in its directory and connects to it.</summary>
    Task<ISandboxSupervisor> LaunchAsync(string directory, CancellationToken cancellationToken);

    /// <summary>
    /// Connects to the supervisor that an earlier agent started in this directory; an <see cref="PodAgent.Linux.AgentException"/> of kind
    /// NotFound says that it is gone.
    /// </summary>
    Task<ISandboxSupervisor> ConnectAsync(string directory, CancellationToken cancellationToken);

    /// <summary>The exits that a supervisor wrote down in its exit directory before it ended itself.</summary>
    IReadOnlyList<ProcessState> ReadExits(string exitDirectory);
}
