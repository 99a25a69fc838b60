using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Cri.Ports;

namespace PodAgent.Cri.Adapters;

/// <summary><see cref="SandboxLauncher"/> as port.</summary>
internal sealed class SupervisorProcesses(SandboxLauncher launcher) : ISandboxSupervisors
{
    public async Task<ISandboxSupervisor> LaunchAsync(string directory, CancellationToken cancellationToken) =>
        new SupervisorProcess(await launcher.LaunchAsync(directory, cancellationToken).ConfigureAwait(false));

    public async Task<ISandboxSupervisor> ConnectAsync(string directory, CancellationToken cancellationToken) =>
        new SupervisorProcess(await launcher.ConnectAsync(directory, cancellationToken).ConfigureAwait(false));

    public IReadOnlyList<ProcessState> ReadExits(string exitDirectory) => ExitRecords.ReadAll(exitDirectory);
}
