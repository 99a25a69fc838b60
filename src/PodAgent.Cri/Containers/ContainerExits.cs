using PodAgent.Api.Cri;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers;

/// <summary>
/// What happens when a process ends: 1 what its container left behind is killed, 2 the end is written down and becomes visible, 3 the
/// supervisor may forget it. Visible only after the supervisor has drained the output, which it does before it reports.
/// </summary>
internal sealed class ContainerExits(CriContext runtime) : ISupervisionSink
{
    private const int UnknownCode = 255;
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public void ContainerExited(string sandboxId, Wire.ProcessState process)
    {
        if (runtime.Containers.Find(process.Id) is { } entry)
        {
            _ = Task.Run(() => SettleAsync(entry, process));
        }
    }

    /// <inheritdoc/>
    public void PauseEnded(string sandboxId)
    {
        if (runtime.Sandboxes.Find(sandboxId) is { } sandbox)
        {
            MarkNotReady(sandbox);
        }
    }

    /// <inheritdoc/>
    public void SupervisorLost(string sandboxId)
    {
        if (runtime.Sandboxes.Find(sandboxId) is { } sandbox)
        {
            runtime.Log.SupervisorLost(sandboxId);
            _ = Task.Run(() => SettleLostAsync(sandbox));
        }
    }

    /// <summary>Writes the end of a container down; returns when it is visible.</summary>
    public async Task SettleAsync(ContainerEntry entry, Wire.ProcessState process)
    {
        // 1: in a shared process namespace nothing else ends the children of a main process
        KillLeftovers(entry);

        // 2
        string reason = process.OomKilled ? "OOMKilled" : process.ExitCode == 0 ? "Completed" : "Error";
        await FinishAsync(entry, process.StartedAt, process.FinishedAt, process.ExitCode, reason, "").ConfigureAwait(false);

        // 3
        runtime.Sandboxes.Find(entry.Record.SandboxId)?.Supervision?.Forget(process.Id);
    }

    /// <summary>
    /// A sandbox without supervisor: nobody reaps or logs for its containers, so they are ended. Ends that the supervisor managed to
    /// write down are taken from there; the others are 255, Unknown.
    /// </summary>
    public async Task SettleLostAsync(SandboxEntry sandbox)
    {
        MarkNotReady(sandbox);
        string exits = SandboxFiles.Exits(runtime.Options.SandboxDirectory(sandbox.Record.Id));
        Dictionary<string, Wire.ProcessState> recorded = ReadExits(exits);
        foreach (ContainerEntry entry in runtime.Containers.Of(sandbox.Record.Id).ToList())
        {
            if (entry.Record.State != ContainerState.ContainerRunning)
            {
                continue;
            }

            if (recorded.TryGetValue(entry.Record.Id, out Wire.ProcessState? process))
            {
                await SettleAsync(entry, process).ConfigureAwait(false);
                continue;
            }

            await SettleUnknownAsync(entry, "the pod's supervisor ended").ConfigureAwait(false);
        }
    }

    /// <summary>A container whose end nobody saw: what is left of it is killed, and it is 255, Unknown.</summary>
    public async Task SettleUnknownAsync(ContainerEntry entry, string cause)
    {
        KillLeftovers(entry);
        await FinishAsync(
            entry, 0, runtime.Time.Nanoseconds(), UnknownCode, "Unknown", $"the exit code is not known: {cause}").ConfigureAwait(false);
    }

    /// <summary>The record after a process ended; unchanged when an end is known already.</summary>
    internal static ContainerRecord Finished(
        ContainerRecord now, long startedAt, long finishedAt, int exitCode, string reason, string message)
    {
        if (now.State == ContainerState.ContainerExited)
        {
            return now;
        }

        long started = now.StartedAt != 0 ? now.StartedAt : startedAt;
        return now with
        {
            StartedAt = started,
            FinishedAt = Math.Max(finishedAt, started),
            ExitCode = exitCode,
            Reason = reason,
            Message = message,
            Pid = 0,
        };
    }

    private async Task FinishAsync(ContainerEntry entry, long startedAt, long finishedAt, int exitCode, string reason, string message)
    {
        while (true)
        {
            try
            {
                ContainerRecord record = entry.Update(now => Finished(now, startedAt, finishedAt, exitCode, reason, message));
                entry.Exited.TrySetResult();
                runtime.Log.ContainerEnded(record.Id, record.Name, record.ExitCode, record.Reason);
                return;
            }
            catch (IOException failure)
            {
                // An exit code must not be lost because the state directory is full for a while.
                runtime.Log.ExitNotWritten(entry.Record.Id, failure.Message);
            }

            try
            {
                await Task.Delay(s_retry, runtime.Time, runtime.Closing.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The next agent asks the supervisor, which has not been told to forget.
                return;
            }
        }
    }

    private void MarkNotReady(SandboxEntry sandbox) =>
        sandbox.Update(now => now.StoppedAt != 0 ? now : now with { StoppedAt = runtime.Time.Nanoseconds() });

    private void KillLeftovers(ContainerEntry entry)
    {
        try
        {
            ICgroup cgroup = runtime.Ports.Cgroups.Open(entry.Record.Cgroup);
            if (cgroup.HasProcesses)
            {
                cgroup.Kill();
            }
        }
        catch (Exception failure)
        {
            runtime.Log.CleanupFailed($"cannot kill what container {entry.Record.Id} left behind", failure.Message);
        }
    }

    private Dictionary<string, Wire.ProcessState> ReadExits(string directory)
    {
        try
        {
            return runtime.Ports.Supervisors.ReadExits(directory).ToDictionary(process => process.Id, StringComparer.Ordinal);
        }
        catch (Exception failure)
        {
            runtime.Log.CleanupFailed($"cannot read exit records in \"{directory}\"", failure.Message);
            return [];
        }
    }
}
