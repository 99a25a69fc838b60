namespace PodAgent.Cri.Stores;

/// <summary>The containers that clients see.</summary>
public sealed class ContainerStore(CriOptions options) : RecordStore<ContainerRecord, ContainerEntry>
{
    /// <inheritdoc/>
    protected override string Noun => "container";

    /// <summary>The containers of one sandbox.</summary>
    public IEnumerable<ContainerEntry> Of(string sandboxId) => Entries.Where(entry => entry.Record.SandboxId == sandboxId);

    /// <inheritdoc/>
    protected override void CheckMove(ContainerRecord before, ContainerRecord after) => ContainerGuards.CheckMove(before, after);

    /// <inheritdoc/>
    protected override void Checkpoint(ContainerRecord record) => CheckpointFile.WriteContainer(options.ContainerDirectory(record.Id), record);
}
