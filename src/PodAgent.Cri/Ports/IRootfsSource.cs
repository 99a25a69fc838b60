using PodAgent.Linux;

namespace PodAgent.Cri.Ports;

/// <summary>Root file systems of containers: an image's layers below one writable layer, as a detached mount.</summary>
public interface IRootfsSource
{
    /// <summary>Makes the writable layer and mounts it, attached nowhere.</summary>
    Task<Fd> PrepareAsync(RootfsPlan plan, CancellationToken cancellationToken);

    /// <summary>Mounts the same layers once more, after the first descriptor was lost with its agent.</summary>
    Fd Reopen(string containerId, SandboxOwners? owners);

    /// <summary>Mounts one of the plan's volumes, read-only and attached nowhere; as often as wanted.</summary>
    Fd OpenVolume(string containerId, int index, SandboxOwners? owners);

    /// <summary>Deletes the writable layer; not there is fine.</summary>
    Task RemoveAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>Size of the writable layer.</summary>
    DiskUsage Usage(string containerId);

    /// <summary>Deletes the layers of every container that is not named.</summary>
    Task CollectGarbageAsync(IReadOnlySet<string> liveContainers, CancellationToken cancellationToken);
}
