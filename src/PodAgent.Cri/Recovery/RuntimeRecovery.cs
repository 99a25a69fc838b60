using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Recovery;

/// <summary>
/// What the agent does before it answers its first call: it takes over what an earlier agent left.
/// 1 State files are read. What was being made when that agent ended is taken away; what cannot be read is set aside and then belongs
///   to nobody.
/// 2 Each sandbox's supervisor is found again. If it is gone, the sandbox is NOTREADY and its containers are ended.
/// 3 Supervisor and state files are compared: starts and ends that happened meanwhile are taken over. A container that runs by the file
///   but is unknown to its supervisor ended as 255, Unknown.
/// 4 What belongs to nobody goes: control groups, writable layers, addresses, directories.
/// </summary>
internal sealed class RuntimeRecovery(CriContext runtime)
{
    private int _removed;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(runtime.Options.SandboxesDirectory, SetAside.OwnerOnly);
        Directory.CreateDirectory(runtime.Options.ContainersDirectory, SetAside.OwnerOnly);

        // 1
        List<SandboxRecord> halfMadeSandboxes = LoadSandboxes();
        List<ContainerRecord> halfMadeContainers = LoadContainers();

        // 2, 3
        await Task.WhenAll(runtime.Sandboxes.Entries.ToList().Select(entry => AdoptAsync(entry, cancellationToken))).ConfigureAwait(false);

        // 4
        foreach (ContainerRecord record in halfMadeContainers)
        {
            await RemoveHalfMadeAsync(record, cancellationToken).ConfigureAwait(false);
        }

        foreach (SandboxRecord record in halfMadeSandboxes)
        {
            await RemoveHalfMadeAsync(record, cancellationToken).ConfigureAwait(false);
        }

        await RemoveOrphansAsync(cancellationToken).ConfigureAwait(false);
        runtime.Log.Recovered(runtime.Sandboxes.Entries.Count(), runtime.Containers.Entries.Count(), _removed);
    }

    private List<SandboxRecord> LoadSandboxes()
    {
        var halfMade = new List<SandboxRecord>();
        foreach (string directory in Directory.GetDirectories(runtime.Options.SandboxesDirectory))
        {
            if (SetAside.TryRead(runtime, directory, CheckpointFile.ReadSandbox) is not { } record)
            {
                continue;
            }

            if (record.CreatedAt == 0)
            {
                halfMade.Add(record);
            }
            else
            {
                runtime.Sandboxes.Add(new SandboxEntry(record), checkpoint: false);
            }
        }

        return halfMade;
    }

    private List<ContainerRecord> LoadContainers()
    {
        var halfMade = new List<ContainerRecord>();
        foreach (string directory in Directory.GetDirectories(runtime.Options.ContainersDirectory))
        {
            if (SetAside.TryRead(runtime, directory, CheckpointFile.ReadContainer) is not { } record)
            {
                continue;
            }

            if (record.CreatedAt == 0 || runtime.Sandboxes.Find(record.SandboxId) is null)
            {
                halfMade.Add(record);
                continue;
            }

            var entry = new ContainerEntry(record);
            if (record.State == ContainerState.ContainerExited)
            {
                entry.Exited.TrySetResult();
            }

            runtime.Containers.Add(entry, checkpoint: false);
        }

        return halfMade;
    }

    private async Task AdoptAsync(SandboxEntry entry, CancellationToken cancellationToken)
    {
        string directory = runtime.Options.SandboxDirectory(entry.Record.Id);
        SandboxSupervision? supervision = null;
        try
        {
            ISandboxSupervisor supervisor = await runtime.Ports.Supervisors.ConnectAsync(directory, cancellationToken).ConfigureAwait(false);
            supervision = new SandboxSupervision(entry.Record.Id, supervisor, runtime.Exits);

            // Events from now on and then the state: what ends between the two is told twice, which is harmless, but never not at all.
            entry.Supervision = supervision;
            await supervision.SubscribeAsync(cancellationToken).ConfigureAwait(false);
            Wire.StateReply state = await supervisor.GetStateAsync(cancellationToken).ConfigureAwait(false);
            await TakeOverAsync(entry, supervision, state).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            entry.Supervision = null;
            if (supervision is not null)
            {
                await supervision.DisposeAsync().ConfigureAwait(false);
            }

            if (entry.Record.State == PodSandboxState.SandboxReady)
            {
                runtime.Log.SandboxNotAdopted(entry.Record.Id);
            }

            await runtime.Exits.SettleLostAsync(entry).ConfigureAwait(false);
        }
    }

    private async Task TakeOverAsync(SandboxEntry sandbox, SandboxSupervision supervision, Wire.StateReply state)
    {
        Dictionary<string, Wire.ProcessState> processes = state.Processes.ToDictionary(process => process.Id, StringComparer.Ordinal);
        foreach (ContainerEntry entry in runtime.Containers.Of(sandbox.Record.Id).ToList())
        {
            processes.Remove(entry.Record.Id, out Wire.ProcessState? process);
            await TakeOverAsync(entry, process).ConfigureAwait(false);
        }

        foreach (Wire.ProcessState process in processes.Values)
        {
            // Execs of clients that are gone with the old agent; their streams are closed.
            if (process.FinishedAt != 0)
            {
                supervision.Forget(process.Id);
            }
        }

        if (!state.Ready)
        {
            runtime.Exits.PauseEnded(sandbox.Record.Id);
        }

        await RegisterAsync(sandbox).ConfigureAwait(false);
    }

    // The earlier agent may have ended between a start and its registration.
    private async Task RegisterAsync(SandboxEntry sandbox)
    {
        try
        {
            if (sandbox.Record is { State: PodSandboxState.SandboxReady, PausePid: > 0 } pod)
            {
                await runtime.Ports.Cgroups.Open(pod.PauseCgroup).RegisterAsync(pod.PausePid, null).ConfigureAwait(false);
            }

            foreach (ContainerRecord record in runtime.Containers.Of(sandbox.Record.Id).Select(entry => entry.Record).ToList())
            {
                if (record is { State: ContainerState.ContainerRunning, Pid: > 0 })
                {
                    await runtime.Ports.Cgroups.Open(record.Cgroup).RegisterAsync(record.Pid, ResourceTranslation.ToCgroup(record.Resources)).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure)
        {
            runtime.Log.CleanupFailed($"cannot make the control groups of sandbox {sandbox.Record.Id} known to systemd", failure.Message);
        }
    }

    private async Task TakeOverAsync(ContainerEntry entry, Wire.ProcessState? process)
    {
        switch (entry.Record.State, process)
        {
            case (ContainerState.ContainerExited, { FinishedAt: not 0 } or null):
            case (ContainerState.ContainerCreated, null):
                break;
            case (_, { FinishedAt: not 0 } ended):
                await runtime.Exits.SettleAsync(entry, ended).ConfigureAwait(false);
                break;
            case (ContainerState.ContainerCreated, { } running):
                // Started by an agent that ended before it could write that down.
                entry.Update(now => now with { StartedAt = running.StartedAt, Pid = running.Pid });
                break;
            case (ContainerState.ContainerRunning, null):
                await runtime.Exits.SettleUnknownAsync(entry, "its supervisor does not know it").ConfigureAwait(false);
                break;
        }
    }

    private async Task RemoveHalfMadeAsync(SandboxRecord record, CancellationToken cancellationToken)
    {
        string directory = runtime.Options.SandboxDirectory(record.Id);
        await SetAside.EndSupervisorAsync(runtime, directory, cancellationToken).ConfigureAwait(false);
        Attempt($"cannot unmount shared memory of sandbox {record.Id}",
            () => runtime.Ports.Files.UnmountSharedMemory(SandboxFiles.SharedMemory(directory)));
        Attempt($"cannot remove control groups of sandbox {record.Id}", () => SandboxCgroup.Remove(runtime, record));
        Attempt($"cannot remove \"{directory}\"", () => SandboxFiles.Delete(directory));
        _removed++;
    }

    private async Task RemoveHalfMadeAsync(ContainerRecord record, CancellationToken cancellationToken)
    {
        Attempt($"cannot remove control group of container {record.Id}", () => runtime.Ports.Cgroups.Open(record.Cgroup).Remove());
        try
        {
            await runtime.Ports.Rootfs.RemoveAsync(record.Id, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            runtime.Log.CleanupFailed($"cannot remove the root file system of container {record.Id}", failure.Message);
        }

        Attempt($"cannot remove volumes of container {record.Id}", () => SandboxFiles.Delete(runtime.Options.ContainerVolumes(record.Id)));
        Attempt($"cannot remove container {record.Id}", () => SandboxFiles.Delete(runtime.Options.ContainerDirectory(record.Id)));
        _removed++;
    }

    private async Task RemoveOrphansAsync(CancellationToken cancellationToken)
    {
        HashSet<string> containers = [.. runtime.Containers.Entries.Select(entry => entry.Record.Id)];
        HashSet<string> connected = [.. runtime.Sandboxes.Entries
            .Where(entry => entry.Record.NetworkAttached).Select(entry => entry.Record.Id)];
        try
        {
            await runtime.Ports.Rootfs.CollectGarbageAsync(containers, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            runtime.Log.CleanupFailed("cannot remove writable layers that belong to nobody", failure.Message);
        }

        try
        {
            await runtime.Ports.Network.ReconcileAsync(connected, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            runtime.Log.CleanupFailed("cannot reconcile the pod network", failure.Message);
        }

        if (Directory.Exists(runtime.Options.VolumesDirectory))
        {
            foreach (string directory in Directory.GetDirectories(runtime.Options.VolumesDirectory))
            {
                if (!containers.Contains(Path.GetFileName(directory)))
                {
                    Attempt($"cannot remove \"{directory}\"", () => SandboxFiles.Delete(directory));
                    _removed++;
                }
            }
        }

        RemoveOrphanCgroups();
    }

    // Only below the runtime's own default parent, where every child that looks like one of its IDs is its own.
    private void RemoveOrphanCgroups()
    {
        HashSet<string> known = [.. runtime.Sandboxes.Entries.Select(entry => entry.Record.CgroupParent)];
        foreach (string name in runtime.Ports.Cgroups.Children(runtime.Options.CgroupParent))
        {
            string path = $"{runtime.Options.CgroupParent}/{name}";
            if (CgroupNames.SandboxOf(runtime.Options.CgroupParent, name) is not null && !known.Contains(path))
            {
                Attempt($"cannot remove control group \"{path}\"", () => runtime.Ports.Cgroups.Open(path).Remove());
                _removed++;
            }
        }
    }

    private void Attempt(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure)
        {
            runtime.Log.CleanupFailed(what, failure.Message);
        }
    }
}
