using PodAgent.Cri.Sandboxes;

namespace PodAgent.Cri.Stores;

/// <summary>A sandbox in the store, with the line to its supervisor.</summary>
public sealed class SandboxEntry(SandboxRecord record) : StoreEntry<SandboxRecord>(record)
{
    private SandboxSupervision? _supervision;

    // Null: the supervisor is gone, or was never found again.
    internal SandboxSupervision? Supervision
    {
        get => Volatile.Read(ref _supervision);
        set => Volatile.Write(ref _supervision, value);
    }
}
