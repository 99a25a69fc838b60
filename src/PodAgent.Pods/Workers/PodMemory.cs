using System.Collections.Concurrent;
using PodAgent.Pods.Status;
using PodAgent.Pods.Volumes;

namespace PodAgent.Pods.Workers;

/// <summary>What a worker remembers between rounds. Nothing of it is needed after a restart: all can be found out or forgiven.</summary>
internal sealed class PodMemory
{
    /// <summary>By container name: what the last try to start it ran into.</summary>
    public ConcurrentDictionary<string, ContainerIssue> Issues { get; } = new(StringComparer.Ordinal);

    /// <summary>By container ID: read once, when an attempt has ended.</summary>
    public ConcurrentDictionary<string, string> TerminationMessages { get; } = new(StringComparer.Ordinal);

    /// <summary>By container ID: hooks that have run, so that a second round of stopping does not run them again.</summary>
    public ConcurrentDictionary<string, bool> PreStopDone { get; } = new(StringComparer.Ordinal);

    /// <summary>By container name: when starting it makes sense again.</summary>
    public Dictionary<string, DateTimeOffset> RetryAt { get; } = new(StringComparer.Ordinal);

    /// <summary>Set once the pod's volumes are ready in this life of the agent.</summary>
    public IReadOnlyDictionary<string, PreparedVolume>? Volumes { get; set; }

    /// <summary>When to try the pod's volumes or sandbox again.</summary>
    public DateTimeOffset? PodRetryAt { get; set; }

    public TimeSpan PodRetryDelay { get; set; } = TimeSpan.Zero;

    /// <summary>The last published status.</summary>
    public Core.PodStatus? Status { get; set; }
}
