namespace PodAgent.Images.Snapshots;

/// <summary>How long an unpacked layer is known to be whole.</summary>
internal enum LayerDurability
{
    /// <summary>It is on the disk before it gets its place.</summary>
    Lasting,

    /// <summary>Until the machine goes down; it is to be written to the disk later (<see cref="SnapshotStore.Settle"/>).</summary>
    ThisBoot,
}
