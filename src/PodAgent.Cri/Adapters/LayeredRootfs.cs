using PodAgent.Cri.Ports;
using PodAgent.Images;
using PodAgent.Images.Snapshots;
using PodAgent.Linux;

namespace PodAgent.Cri.Adapters;

/// <summary><see cref="RootfsStore"/> as port.</summary>
internal sealed class LayeredRootfs(RootfsStore store) : IRootfsSource
{
    public Task<Fd> PrepareAsync(string containerId, ImageRecord image, CancellationToken cancellationToken) =>
        store.PrepareAsync(containerId, image, cancellationToken);

    public Fd Reopen(string containerId) => store.Reopen(containerId);

    public Task RemoveAsync(string containerId, CancellationToken cancellationToken) => store.RemoveAsync(containerId, cancellationToken);

    public DiskUsage Usage(string containerId)
    {
        RootfsUsage usage = store.Usage(containerId);
        return new DiskUsage((ulong)usage.Bytes, (ulong)usage.Inodes);
    }

    public Task CollectGarbageAsync(IReadOnlySet<string> liveContainers, CancellationToken cancellationToken) =>
        store.CollectGarbageAsync(liveContainers, cancellationToken);
}
