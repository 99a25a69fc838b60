using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Containers;

/// <summary>
/// StopContainer: the container's stop signal to its main process, and SIGKILL to everything in its control group when the time is up.
/// Returns when the end is written down. Several calls may run side by side; the most impatient one decides.
/// </summary>
internal sealed class StopContainer(CriContext runtime)
{
    // What the framework can wait for at once: 24 days in milliseconds.
    private const long LongestWait = int.MaxValue / 1000;

    // SIGKILL is not refused; a process that does not end hangs in the kernel.
    private static readonly TimeSpan s_killLimit = TimeSpan.FromMinutes(2);

    public async Task<StopContainerResponse> InvokeAsync(StopContainerRequest request, CancellationToken cancellationToken)
    {
        if (runtime.Containers.Find(request.ContainerId) is { } entry)
        {
            await StopAsync(entry, TimeSpan.FromSeconds(Math.Clamp(request.Timeout, 0, LongestWait)), cancellationToken).ConfigureAwait(false);
        }

        return new StopContainerResponse();
    }

    /// <summary>Stops it; zero kills at once.</summary>
    public async Task StopAsync(ContainerEntry entry, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Behind a start that is under way, or there would be nothing to stop yet.
        await entry.Lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
        entry.Lifecycle.Release();
        ContainerRecord record = entry.Record;
        if (!ContainerGuards.Check(record, ContainerVerb.Stop))
        {
            return;
        }

        try
        {
            if (timeout > TimeSpan.Zero && await AskAsync(entry, timeout, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            await KillAsync(entry, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            throw Failures.Translate($"cannot stop container \"{record.Name}\"", failure);
        }
    }

    private async Task<bool> AskAsync(ContainerEntry entry, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!await SignalAsync(entry, entry.Record.StopSignal, all: false, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        try
        {
            await entry.Exited.Task.WaitAsync(timeout, runtime.Time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task KillAsync(ContainerEntry entry, CancellationToken cancellationToken)
    {
        await SignalAsync(entry, SignalNames.Kill, all: true, cancellationToken).ConfigureAwait(false);
        if (!entry.Exited.Task.IsCompleted)
        {
            runtime.Ports.Cgroups.Open(entry.Record.Cgroup).Kill();
        }

        try
        {
            await entry.Exited.Task.WaitAsync(s_killLimit, runtime.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new AgentException(
                ErrorKind.DeadlineExceeded, $"its processes did not end within {s_killLimit.TotalSeconds:0} s of SIGKILL");
        }
    }

    // False: the supervisor is gone, or does not know the process any more because it has just ended.
    private async Task<bool> SignalAsync(ContainerEntry entry, int signal, bool all, CancellationToken cancellationToken)
    {
        if (runtime.Sandboxes.Find(entry.Record.SandboxId)?.Supervision is not { } supervision)
        {
            return false;
        }

        try
        {
            await supervision.Supervisor.SignalAsync(entry.Record.Id, signal, all, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return entry.Exited.Task.IsCompleted;
        }
    }
}
