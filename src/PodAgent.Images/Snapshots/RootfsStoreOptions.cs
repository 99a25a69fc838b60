using PodAgent.Linux;

namespace PodAgent.Images.Snapshots;

/// <summary>How root file systems are mounted.</summary>
public sealed record RootfsStoreOptions
{
    /// <summary>
    /// Leaves syncs of the writable layer out (overlayfs "volatile"), default true: a container's layer ends with the machine's uptime anyway,
    /// and without this every unmount waits until the whole disk is written.
    /// </summary>
    public bool Volatile { get; init; } = true;

    /// <summary>
    /// Makes the next root file system of an image ahead, once one was made; default false. Then the store has to be disposed.
    /// </summary>
    public bool KeepsSpares { get; init; }

    /// <summary>Puts into a root file system that is made ahead what every container would make there; null: nothing.</summary>
    public Action<Fd>? Furnish { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Mounts as kernels before 6.7 need it, even on a newer one; for tests.</summary>
    public bool ForcePathMount { get; init; }

    /// <summary>Receives a sentence for each thing that had to be set right at start.</summary>
    public Action<string>? Warning { get; init; }
}
