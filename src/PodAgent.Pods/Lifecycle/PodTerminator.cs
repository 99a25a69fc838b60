using PodAgent.Pods.Runtime;
using PodAgent.Pods.Workers;

namespace PodAgent.Pods.Lifecycle;

/// <summary>
/// Ends a pod. Every step is repeated without harm when the agent dies in between. Steps of stopping:
/// <list type="number">
/// <item>regular and plain init containers, in parallel;</item>
/// <item>sidecars, one after the other in reverse order, within what is left of the same grace period;</item>
/// <item>the sandbox: its processes, its network;</item>
/// <item>the volumes.</item>
/// </list>
/// Then, when nobody wants the pod any more: containers, sandbox, files and logs.
/// </summary>
internal sealed class PodTerminator
{
    private readonly PodServices _services;

    public PodTerminator(PodServices services) => _services = services;

    public async Task TerminateAsync(PodWorker worker, PodWorkerState state, CancellationToken ct)
    {
        Core.Pod pod = state.Pod;
        PodRuntimeStatus runtime = await _services.Reader.ReadAsync(worker.Uid, ct);
        _services.Probes.StopHealthChecks(worker.Uid);
        _services.Syncer.Publish(worker, state, runtime);

        string podIp = worker.Memory.Status?.PodIP ?? "";
        HashSet<string> sidecars = [.. pod.Spec.Sidecars().Select(c => c.Name)];
        List<ContainerRecord> running = [.. runtime.Containers.Where(c => c.State is ContainerRunState.Running or ContainerRunState.Unknown)];
        StopRequest request = new(state.KillAt!.Value, state.Grace == TimeSpan.Zero, null);

        // 1
        await Task.WhenAll(running.Where(c => !sidecars.Contains(c.Name))
            .Select(c => _services.Stopper.StopAsync(worker, pod, c, podIp, request, ct)));

        // 2
        foreach (Core.Container sidecar in pod.Spec.Sidecars().Reverse())
        {
            foreach (ContainerRecord record in running.Where(c => c.Name == sidecar.Name))
            {
                await _services.Stopper.StopAsync(worker, pod, record, podIp, request, ct);
            }
        }

        // 3
        foreach (SandboxRecord sandbox in runtime.Sandboxes)
        {
            await _services.Cri.StopPodSandboxAsync(new Cri.StopPodSandboxRequest { PodSandboxId = sandbox.Id }, cancellationToken: ct);
        }

        _services.Probes.Stop(worker.Uid);
        PodRuntimeStatus ended = await _services.Reader.ReadAsync(worker.Uid, ct);
        _services.Syncer.Publish(worker, state, ended);

        // 4
        _services.Volumes.RemoveVolumes(worker.Uid);
    }

    public async Task RemoveAsync(PodWorker worker, PodWorkerState state, CancellationToken ct)
    {
        PodRuntimeStatus runtime = await _services.Reader.ReadAsync(worker.Uid, ct);
        foreach (ContainerRecord container in runtime.Containers)
        {
            await _services.Cri.RemoveContainerAsync(new Cri.RemoveContainerRequest { ContainerId = container.Id }, cancellationToken: ct);
        }

        foreach (SandboxRecord sandbox in runtime.Sandboxes)
        {
            await _services.Cri.StopPodSandboxAsync(new Cri.StopPodSandboxRequest { PodSandboxId = sandbox.Id }, cancellationToken: ct);
            await _services.Cri.RemovePodSandboxAsync(new Cri.RemovePodSandboxRequest { PodSandboxId = sandbox.Id }, cancellationToken: ct);
        }

        _services.Volumes.Remove(worker.Uid);
        string logs = _services.Directories.LogsOf(state.Pod);
        if (Directory.Exists(logs))
        {
            Directory.Delete(logs, recursive: true);
        }

        _services.Images.Forget(worker.Uid);
        _services.CrashBackOff.Forget(PodText.Format(state.Pod));
    }
}
