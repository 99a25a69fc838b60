using PodAgent.Api.Cri;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Containers;

/// <summary>
/// RemoveContainer: 1 what still runs is killed, 2 its root file system and volumes go, 3 its control group, 4 it leaves the store, 5 its
/// directory goes. The log stays: it belongs to the client. A call that failed half way is called again; unknown is success.
/// </summary>
internal sealed class RemoveContainer(CriContext runtime, StopContainer stopContainer)
{
    public async Task<RemoveContainerResponse> InvokeAsync(RemoveContainerRequest request, CancellationToken cancellationToken)
    {
        if (runtime.Containers.Find(request.ContainerId) is { } entry)
        {
            await RemoveAsync(entry, cancellationToken).ConfigureAwait(false);
        }

        return new RemoveContainerResponse();
    }

    public async Task RemoveAsync(ContainerEntry entry, CancellationToken cancellationToken)
    {
        ContainerRecord record = entry.Record;

        // 1
        await stopContainer.StopAsync(entry, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        await entry.Lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // 2
            entry.TakeRootfs()?.Dispose();
            await runtime.Ports.Rootfs.RemoveAsync(record.Id, cancellationToken).ConfigureAwait(false);
            SandboxFiles.Delete(runtime.Options.ContainerVolumes(record.Id));

            // 3
            runtime.Ports.Cgroups.Open(record.Cgroup).Remove();

            // 4: before its file goes, so that a change that comes late does not write it again
            runtime.Containers.Remove(entry);

            // 5
            SandboxFiles.Delete(runtime.Options.ContainerDirectory(record.Id));
        }
        catch (Exception failure)
        {
            throw Failures.Translate($"cannot remove container \"{record.Name}\"", failure);
        }
        finally
        {
            entry.Lifecycle.Release();
        }
    }
}
