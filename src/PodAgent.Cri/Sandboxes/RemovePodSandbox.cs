using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Sandboxes;

/// <summary>
/// RemovePodSandbox: 1 it is stopped, 2 its containers are removed, 3 its control groups go, 4 it leaves the store, 5 its directory
/// goes. Unknown is success.
/// </summary>
internal sealed class RemovePodSandbox(CriContext runtime, StopPodSandbox stopSandbox, RemoveContainer removeContainer)
{
    public async Task<RemovePodSandboxResponse> InvokeAsync(RemovePodSandboxRequest request, CancellationToken cancellationToken)
    {
        if (runtime.Sandboxes.Find(request.PodSandboxId) is { } entry)
        {
            await entry.Lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await RemoveAsync(entry, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                entry.Lifecycle.Release();
            }
        }

        return new RemovePodSandboxResponse();
    }

    public async Task RemoveAsync(SandboxEntry entry, CancellationToken cancellationToken)
    {
        SandboxRecord record = entry.Record;

        // 1
        await stopSandbox.StopAsync(entry, cancellationToken).ConfigureAwait(false);
        try
        {
            // 2
            await Task.WhenAll(runtime.Containers.Of(record.Id)
                .Select(container => removeContainer.RemoveAsync(container, cancellationToken))).ConfigureAwait(false);

            // 3
            SandboxCgroup.Remove(runtime, record);

            // 4: before its file goes, so that a change that comes late does not write it again
            runtime.Sandboxes.Remove(entry);

            // 5
            SandboxFiles.Delete(runtime.Options.SandboxDirectory(record.Id));
        }
        catch (Exception failure)
        {
            throw Failures.Translate($"cannot remove the sandbox of pod \"{record.PodName}\"", failure);
        }
    }
}
