using PodAgent.Cri.Ports;
using PodAgent.Images.Snapshots;
using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Adapters;

/// <summary><see cref="RootfsStore"/> as port.</summary>
internal sealed class LayeredRootfs(RootfsStore store) : IRootfsSource
{
    public async Task<Fd> PrepareAsync(RootfsPlan plan, CancellationToken cancellationToken)
    {
        using Fd? users = Open(plan.Owners);
        return await store.PrepareAsync(
            new RootfsRequest(plan.ContainerId, plan.Image) { Volumes = plan.Volumes, Owners = Mapped(users, plan.Owners) }, cancellationToken).ConfigureAwait(false);
    }

    public Fd Reopen(string containerId, SandboxOwners? owners)
    {
        using Fd? users = Open(owners);
        return store.Reopen(containerId, Mapped(users, owners));
    }

    public Fd OpenVolume(string containerId, int index, SandboxOwners? owners)
    {
        using Fd? users = Open(owners);
        return store.OpenVolume(containerId, index, Mapped(users, owners));
    }

    public Task RemoveAsync(string containerId, CancellationToken cancellationToken) => store.RemoveAsync(containerId, cancellationToken);

    public DiskUsage Usage(string containerId)
    {
        RootfsUsage usage = store.Usage(containerId);
        return new DiskUsage((ulong)usage.Bytes, (ulong)usage.Inodes);
    }

    public Task CollectGarbageAsync(IReadOnlySet<string> liveContainers, CancellationToken cancellationToken) =>
        store.CollectGarbageAsync(liveContainers, cancellationToken);

    private static Fd? Open(SandboxOwners? owners) => owners is null ? null : Namespaces.Open(owners.PausePid, NamespaceKinds.User);

    private static MappedOwners? Mapped(Fd? users, SandboxOwners? owners) =>
        users is null || owners is null ? null : new MappedOwners(users, owners.Mapping);
}
