namespace PodAgent.Images.Snapshots;

/// <summary>How root file systems are mounted.</summary>
public sealed record RootfsStoreOptions
{
    /// <summary>
    /// Leaves syncs of the writable layer out (overlayfs "volatile"), default true: a container's layer ends with the machine's uptime anyway,
    /// and without this every unmount waits until the whole disk is written.
    /// </summary>
    public bool Volatile { get; init; } = true;

    /// <summary>Mounts as kernels before 6.7 need it, even on a newer one; for tests.</summary>
    public bool ForcePathMount { get; init; }

    /// <summary>Receives a sentence for each thing that had to be set right at start.</summary>
    public Action<string>? Warning { get; init; }
}
