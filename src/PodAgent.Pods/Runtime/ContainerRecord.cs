namespace PodAgent.Pods.Runtime;

/// <summary>One attempt of one container as the runtime reports it.</summary>
internal sealed record ContainerRecord
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public uint Attempt { get; init; }
    public string SandboxId { get; init; } = "";
    public ContainerRunState State { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public int ExitCode { get; init; }
    public string Reason { get; init; } = "";
    public string Message { get; init; } = "";
    /// <summary>The image as the pod named it.</summary>
    public string Image { get; init; } = "";
    /// <summary>The digest or ID that was run.</summary>
    public string ImageId { get; init; } = "";
    /// <summary>Of the container's definition when this attempt was made; empty on objects without the annotation.</summary>
    public string Hash { get; init; } = "";
    public int RestartCount { get; init; }
    public string LogPath { get; init; } = "";
    public string TerminationLog { get; init; } = "";
    public string TerminationMessagePolicy { get; init; } = "";
    public Core.ContainerUser? User { get; init; }

    /// <summary>Ended with status 0. An attempt that was never started has not.</summary>
    public bool Succeeded => State == ContainerRunState.Exited && ExitCode == 0;
}
