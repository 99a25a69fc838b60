using Grpc.Core;
using PodAgent.Pods.Actions;
using PodAgent.Pods.Events;
using PodAgent.Pods.Lifecycle;
using PodAgent.Pods.Probes;
using PodAgent.Pods.Runtime;
using PodAgent.Pods.Status;
using PodAgent.Pods.Volumes;

namespace PodAgent.Pods.Workers;

/// <summary>
/// One round for a pod that should run. Steps:
/// <list type="number">
/// <item>read what the runtime has, publish the status; a finished or overdue pod ends here;</item>
/// <item>decide (<see cref="PodActionsPlanner"/>) and carry out, until nothing is left to do now;</item>
/// <item>remove dead attempts that nobody can ask for any more;</item>
/// <item>say when to look again.</item>
/// </list>
/// </summary>
internal sealed class PodSyncer
{
    // Each pass does something that the next one sees: kill, sandbox, one init container after the other. A bound, not a plan.
    private const int MaxPasses = 64;

    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(10);

    private readonly PodServices _services;
    private readonly ContainerStarter _starter;

    public PodSyncer(PodServices services)
    {
        _services = services;
        _starter = new ContainerStarter(services);
    }

    public async Task<SyncResult> SyncAsync(PodWorker worker, Core.Pod pod, CancellationToken ct)
    {
        // 1
        PodRuntimeStatus runtime = await _services.Reader.ReadAsync(worker.Uid, ct);
        Core.PodStatus status = Publish(worker, worker.State, runtime, more: true);

        // 2
        for (int pass = 0; pass < MaxPasses; pass++)
        {
            if (PodPhase.IsTerminal(status.Phase))
            {
                worker.Statuses.PublishHeld();
                return new SyncResult(Ended: true);
            }

            if (Overdue(pod, status) is { } cause)
            {
                worker.Statuses.PublishHeld();
                _services.Events.Record(pod, EventRecorder.Normal, cause.Reason, cause.Message);
                return new SyncResult(Cause: cause);
            }

            PodActions actions = PodActionsPlanner.Compute(pod, runtime, _services.Probes.Snapshot(worker.Uid));
            if (actions.IsEmpty || !await ExecuteAsync(worker, pod, runtime, actions, ct))
            {
                break;
            }

            runtime = await _services.Reader.ReadAsync(worker.Uid, ct);
            status = Publish(worker, worker.State, runtime, more: true);
        }

        status = Publish(worker, worker.State, runtime);
        if (PodPhase.IsTerminal(status.Phase))
        {
            return new SyncResult(Ended: true);
        }

        // 3
        await RemoveOldAttemptsAsync(pod, runtime, ct);

        // 4
        return new SyncResult(WakeAt(worker, pod, status));
    }

    /// <summary>Builds the status from the runtime's state and hands it on when it differs from the last one.</summary>
    /// <param name="worker">The pod's worker.</param>
    /// <param name="state">What it is doing.</param>
    /// <param name="runtime">What the runtime has.</param>
    /// <param name="more">The round goes on at once: another status is to be expected.</param>
    public Core.PodStatus Publish(PodWorker worker, PodWorkerState state, PodRuntimeStatus runtime, bool more = false)
    {
        if (runtime.Containers.Count == 0 && PodPhase.IsTerminal(worker.Memory.Status?.Phase))
        {
            // Finished before a reboot, or its containers were removed by hand: what it was is all that is known.
            return worker.Memory.Status!;
        }

        _services.Probes.Reconcile(worker, state.Pod, runtime, state.Work == PodPhaseWork.Sync);
        foreach (ContainerRecord record in runtime.Containers.Where(c => c.State == ContainerRunState.Exited))
        {
            worker.Memory.TerminationMessages.GetOrAdd(
                record.Id, _ => TerminationMessages.Read(record, _services.Directories.LogsOf(state.Pod)));
        }

        Core.PodStatus status = PodStatusBuilder.Build(new PodStatusInput
        {
            Pod = state.Pod,
            Runtime = runtime,
            Now = _services.Time.GetUtcNow(),
            HostIps = _services.Node.HostIps,
            Probes = _services.Probes.Snapshot(worker.Uid),
            Issues = worker.Memory.Issues,
            TerminationMessages = worker.Memory.TerminationMessages,
            Previous = worker.Memory.Status,
            Terminating = state.Work != PodPhaseWork.Sync,
            Cause = state.Cause,
        });
        if (status.Equals(worker.Memory.Status))
        {
            if (!more)
            {
                worker.Statuses.PublishHeld();
            }
        }
        else
        {
            worker.Memory.Status = status;
            if (more)
            {
                worker.Statuses.Soon(status);
            }
            else
            {
                worker.Statuses.Now(status);
            }
        }

        return status;
    }

    private TerminalCause? Overdue(Core.Pod pod, Core.PodStatus status)
    {
        if (!pod.Spec.HasActiveDeadlineSeconds || status.StartTime is null)
        {
            return null;
        }

        TimeSpan active = _services.Time.GetUtcNow() - status.StartTime.ToDateTimeOffset();
        return active >= TimeSpan.FromSeconds(pod.Spec.ActiveDeadlineSeconds)
            ? new TerminalCause("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
            : null;
    }

    /// <returns>Whether anything was done, so that the runtime must be read again.</returns>
    private async Task<bool> ExecuteAsync(PodWorker worker, Core.Pod pod, PodRuntimeStatus runtime, PodActions actions, CancellationToken ct)
    {
        if (actions.KillPod)
        {
            await KillPodAsync(worker, pod, runtime, actions, ct);
            return true;
        }

        if (actions.Kill.Count > 0)
        {
            string podIp = runtime.NewestSandbox?.Ips.FirstOrDefault() ?? "";
            await Task.WhenAll(actions.Kill.Select(kill => _services.Stopper.StopAsync(
                worker, pod, kill.Container, podIp, new StopRequest(_services.Time.GetUtcNow() + GraceOf(pod, kill), false, kill.Message), ct)));
            // What was killed is started in the next pass, from the state that it has then: its back-off counts from its end.
            return true;
        }

        if (worker.Memory.PodRetryAt is { } at && at > _services.Time.GetUtcNow())
        {
            return false;
        }

        if (!TryPrepareVolumes(worker, pod))
        {
            return false;
        }

        if (actions.CreateSandbox)
        {
            ct.ThrowIfCancellationRequested();
            return await CreateSandboxAsync(worker, pod, actions.Attempt);
        }

        return await _starter.StartAsync(worker, pod, runtime, actions.Start, ct);
    }

    private async Task KillPodAsync(PodWorker worker, Core.Pod pod, PodRuntimeStatus runtime, PodActions actions, CancellationToken ct)
    {
        string podIp = worker.Memory.Status?.PodIP ?? "";
        StopRequest request = new(_services.Time.GetUtcNow() + pod.Spec.GracePeriod(), false, null);
        await Task.WhenAll(runtime.Containers
            .Where(c => c.State is ContainerRunState.Running or ContainerRunState.Unknown)
            .Select(c => _services.Stopper.StopAsync(worker, pod, c, podIp, request, ct)));
        foreach (SandboxRecord sandbox in runtime.Sandboxes)
        {
            await _services.Cri.StopPodSandboxAsync(new Cri.StopPodSandboxRequest { PodSandboxId = sandbox.Id }, cancellationToken: ct);
        }
    }

    private static TimeSpan GraceOf(Core.Pod pod, ContainerKill kill)
    {
        Core.Container? container = pod.Spec.FindContainer(kill.Container.Name);
        Core.Probe? probe = kill.FailedProbe switch
        {
            ProbeKind.Liveness => container?.LivenessProbe,
            ProbeKind.Startup => container?.StartupProbe,
            _ => null,
        };
        return probe is { HasTerminationGracePeriodSeconds: true } ? TimeSpan.FromSeconds(probe.TerminationGracePeriodSeconds) : pod.Spec.GracePeriod();
    }

    private bool TryPrepareVolumes(PodWorker worker, Core.Pod pod)
    {
        if (worker.Memory.Volumes is not null)
        {
            return true;
        }

        try
        {
            worker.Memory.Volumes = _services.Volumes.Prepare(pod);
            return true;
        }
        catch (VolumeException e)
        {
            _services.Events.Record(
                pod, EventRecorder.Warning, "FailedMount", $"MountVolume.SetUp failed for volume \"{e.Volume}\" : {e.Message}");
            RetryLater(worker);
            return false;
        }
    }

    private async Task<bool> CreateSandboxAsync(PodWorker worker, Core.Pod pod, uint attempt)
    {
        try
        {
            Cri.PodSandboxConfig config = _services.SandboxConfigs.Build(pod, attempt);
            Directory.CreateDirectory(config.LogDirectory);
            await _services.Cri.RunPodSandboxAsync(
                new Cri.RunPodSandboxRequest { Config = config, RuntimeHandler = pod.Spec.RuntimeClassName }, cancellationToken: worker.Lifetime);
            worker.Memory.PodRetryAt = null;
            worker.Memory.PodRetryDelay = TimeSpan.Zero;
            if (attempt > 0)
            {
                // Here, because a sandbox that died by itself takes this way without being killed first.
                _services.Events.Record(pod, EventRecorder.Normal, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
            }

            return true;
        }
        catch (RpcException e) when (!worker.Lifetime.IsCancellationRequested)
        {
            _services.Events.Record(
                pod, EventRecorder.Warning, "FailedCreatePodSandBox", $"Failed to create pod sandbox: {e.Status.Detail}");
            RetryLater(worker);
            return false;
        }
    }

    private void RetryLater(PodWorker worker)
    {
        TimeSpan delay = worker.Memory.PodRetryDelay == TimeSpan.Zero ? s_firstRetry : worker.Memory.PodRetryDelay * 2;
        worker.Memory.PodRetryDelay = delay > s_lastRetry ? s_lastRetry : delay;
        worker.Memory.PodRetryAt = _services.Time.GetUtcNow() + worker.Memory.PodRetryDelay;
    }

    private async Task RemoveOldAttemptsAsync(Core.Pod pod, PodRuntimeStatus runtime, CancellationToken ct)
    {
        HashSet<string> removed = [];
        foreach (IGrouping<string, ContainerRecord> attempts in runtime.Containers.GroupBy(c => c.Name))
        {
            // The latest, and one before it for `logs --previous` and lastState.
            foreach (ContainerRecord old in attempts.Skip(2).Where(c => c.State is ContainerRunState.Exited or ContainerRunState.Created))
            {
                try
                {
                    await _services.Cri.RemoveContainerAsync(new Cri.RemoveContainerRequest { ContainerId = old.Id }, cancellationToken: ct);
                    removed.Add(old.Id);
                    DeleteLogs(pod, old);
                }
                catch (RpcException e) when (!ct.IsCancellationRequested)
                {
                    PodLog.RemoveFailed(_services.Logger, PodText.Format(pod), $"container {old.Name}", e.Status.Detail);
                }
            }
        }

        foreach (SandboxRecord sandbox in runtime.Sandboxes.Skip(1)
            .Where(s => !s.Ready && runtime.Containers.All(c => c.SandboxId != s.Id || removed.Contains(c.Id))))
        {
            try
            {
                await _services.Cri.RemovePodSandboxAsync(new Cri.RemovePodSandboxRequest { PodSandboxId = sandbox.Id }, cancellationToken: ct);
            }
            catch (RpcException e) when (!ct.IsCancellationRequested)
            {
                PodLog.RemoveFailed(_services.Logger, PodText.Format(pod), $"sandbox {sandbox.Id}", e.Status.Detail);
            }
        }
    }

    private void DeleteLogs(Core.Pod pod, ContainerRecord old)
    {
        string directory = Path.Combine(_services.Directories.LogsOf(pod), old.Name);
        if (!Directory.Exists(directory))
        {
            return;
        }

        // With what rotation has made of it: 3.log, 3.log.20060102-150405, 3.log.20060102-150405.gz.
        foreach (string file in Directory.EnumerateFiles(directory, $"{old.Attempt}.log*"))
        {
            File.Delete(file);
        }
    }

    private static DateTimeOffset? WakeAt(PodWorker worker, Core.Pod pod, Core.PodStatus status)
    {
        List<DateTimeOffset> times = [.. worker.Memory.RetryAt.Values];
        if (worker.Memory.PodRetryAt is { } retry)
        {
            times.Add(retry);
        }

        if (pod.Spec.HasActiveDeadlineSeconds && status.StartTime is not null)
        {
            times.Add(status.StartTime.ToDateTimeOffset() + TimeSpan.FromSeconds(pod.Spec.ActiveDeadlineSeconds));
        }

        return times.Count == 0 ? null : times.Min();
    }
}
