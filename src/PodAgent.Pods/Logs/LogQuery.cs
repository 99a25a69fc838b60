namespace PodAgent.Pods.Logs;

/// <summary>What a client wants of a container's log.</summary>
internal sealed record LogQuery
{
    /// <summary>The live file of the attempt.</summary>
    public required string File { get; init; }

    /// <summary>Null: all.</summary>
    public long? TailLines { get; init; }

    /// <summary>Unix nanoseconds; null: from the beginning.</summary>
    public long? Since { get; init; }

    public bool Timestamps { get; init; }

    /// <summary>Null: no limit.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Completes when the attempt has ended; null: do not follow.</summary>
    public Task? FollowUntil { get; init; }
}
