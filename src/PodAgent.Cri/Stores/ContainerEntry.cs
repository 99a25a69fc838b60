using PodAgent.Linux;

namespace PodAgent.Cri.Stores;

/// <summary>A container in the store, with what belongs to it only as long as this agent lives.</summary>
public sealed class ContainerEntry(ContainerRecord record) : StoreEntry<ContainerRecord>(record)
{
    private Fd? _rootfs;

    // The detached root mount between CreateContainer and StartContainer; null: opened again when needed.
    internal Fd? TakeRootfs() => Interlocked.Exchange(ref _rootfs, null);

    internal void KeepRootfs(Fd rootfs) => Interlocked.Exchange(ref _rootfs, rootfs)?.Dispose();

    internal TaskCompletionSource Exited { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
