using PodAgent.Linux;

namespace PodAgent.Images.Snapshots;

/// <summary>A writable layer that no container has yet, mounted above an image's snapshots.</summary>
/// <param name="ChainIds">The snapshots, the lowest first.</param>
/// <param name="Directory">Among those in the making: a crash takes it away.</param>
/// <param name="Mount">Root of the detached mount.</param>
internal sealed record SpareLayer(IReadOnlyList<string> ChainIds, string Directory, Fd Mount) : IDisposable
{
    /// <summary>Unmounts and deletes it.</summary>
    public void Dispose()
    {
        Mount.Dispose();
        SnapshotStore.RemoveTree(Directory);
    }
}
