namespace PodAgent.Cri.Stores;

/// <summary>The sandboxes that clients see.</summary>
public sealed class SandboxStore(CriOptions options) : RecordStore<SandboxRecord, SandboxEntry>
{
    /// <inheritdoc/>
    protected override string Noun => "sandbox";

    /// <inheritdoc/>
    protected override void CheckMove(SandboxRecord before, SandboxRecord after)
    {
        if (before.Id != after.Id || (before.StoppedAt != 0 && after.StoppedAt != before.StoppedAt))
        {
            throw new InvalidOperationException($"sandbox {before.Id} cannot go from {before.State} to {after.State}");
        }
    }

    /// <inheritdoc/>
    protected override void Checkpoint(SandboxRecord record) => CheckpointFile.WriteSandbox(options.SandboxDirectory(record.Id), record);
}
