using System.Collections.Concurrent;
using PodAgent.Containers.Protocol;
using PodAgent.Cri.Ports;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Fakes;

/// <summary>Supervisors by directory; they outlive the runtime that made them, as the real ones do.</summary>
internal sealed class FakeSupervisors : ISandboxSupervisors
{
    public ConcurrentDictionary<string, FakeSupervisor> Alive { get; } = new();

    public Action<FakeSupervisor>? OnLaunch { get; set; }

    public Exception? LaunchFailure { get; set; }

    // Held back until the test completes it.
    public TaskCompletionSource? LaunchGate { get; set; }

    public int Launched { get; private set; }

    public Dictionary<string, List<ProcessState>> RecordedExits { get; } = [];

    public async Task<ISandboxSupervisor> LaunchAsync(string directory, CancellationToken cancellationToken)
    {
        Launched++;
        if (LaunchGate is { } gate)
        {
            await gate.Task.WaitAsync(cancellationToken);
        }

        if (LaunchFailure is not null)
        {
            throw LaunchFailure;
        }

        var supervisor = new FakeSupervisor();
        OnLaunch?.Invoke(supervisor);
        Alive[directory] = supervisor;
        return supervisor;
    }

    public Task<ISandboxSupervisor> ConnectAsync(string directory, CancellationToken cancellationToken) =>
        Alive.TryGetValue(directory, out FakeSupervisor? supervisor) && !supervisor.Closed.IsCompleted
            ? Task.FromResult<ISandboxSupervisor>(supervisor.Reconnect())
            : Task.FromException<ISandboxSupervisor>(new AgentException(ErrorKind.NotFound, $"no supervisor in \"{directory}\""));

    public IReadOnlyList<ProcessState> ReadExits(string exitDirectory) => RecordedExits.GetValueOrDefault(exitDirectory, []);
}
