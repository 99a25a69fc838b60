using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Sandboxes;

/// <summary>
/// StopPodSandbox: 1 what still runs in it is killed and its end written down, 2 addresses and ports are given back, 3 pause and
/// supervisor end, 4 the shared memory goes, 5 the sandbox is NOTREADY. Every step may be repeated: a call that failed half way is
/// called again. Unknown and already stopped are success.
/// </summary>
internal sealed class StopPodSandbox(CriContext runtime, StopContainer stopContainer)
{
    public async Task<StopPodSandboxResponse> InvokeAsync(StopPodSandboxRequest request, CancellationToken cancellationToken)
    {
        if (runtime.Sandboxes.Find(request.PodSandboxId) is { } entry)
        {
            await entry.Lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await StopAsync(entry, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                entry.Lifecycle.Release();
            }
        }

        return new StopPodSandboxResponse();
    }

    public async Task StopAsync(SandboxEntry entry, CancellationToken cancellationToken)
    {
        SandboxRecord record = entry.Record;
        try
        {
            // 1
            await Task.WhenAll(runtime.Containers.Of(record.Id)
                .Select(container => stopContainer.StopAsync(container, TimeSpan.Zero, cancellationToken))).ConfigureAwait(false);

            // 2 also when the pod's processes are gone, or nobody would ever give the addresses back; 3 beside it
            Task detached = record.NetworkAttached
                ? runtime.Ports.Network.DetachAsync(record.Id, cancellationToken)
                : Task.CompletedTask;
            await Task.WhenAll(detached, EndSupervisorAsync(entry, cancellationToken)).ConfigureAwait(false);
            runtime.Ports.Cgroups.Open(record.PauseCgroup).Kill();

            // 4
            runtime.Ports.Files.UnmountSharedMemory(SandboxFiles.SharedMemory(runtime.Options.SandboxDirectory(record.Id)));
        }
        catch (Exception failure)
        {
            throw Failures.Translate($"cannot stop the sandbox of pod \"{record.PodName}\"", failure);
        }

        // 5
        entry.Update(now => now with
        {
            StoppedAt = now.StoppedAt != 0 ? now.StoppedAt : runtime.Time.Nanoseconds(),
            NetworkAttached = false,
        });
    }

    private static async Task EndSupervisorAsync(SandboxEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Supervision is { } supervision)
        {
            await supervision.ShutdownAsync(cancellationToken).ConfigureAwait(false);
            await supervision.DisposeAsync().ConfigureAwait(false);
            entry.Supervision = null;
        }
    }
}
