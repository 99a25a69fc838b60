namespace PodAgent.Pods.Runtime;

/// <summary>One sandbox of a pod as the runtime reports it.</summary>
internal sealed record SandboxRecord
{
    public required string Id { get; init; }
    public uint Attempt { get; init; }
    public bool Ready { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    /// <summary>Primary first. Empty on the host's network, and for every sandbox but the newest.</summary>
    public IReadOnlyList<string> Ips { get; init; } = [];
    public bool HostNetwork { get; init; }
}
