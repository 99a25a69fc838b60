namespace PodAgent.Pods.Tests.Fakes;

internal sealed class FakeContainer
{
    public required string Id { get; init; }

    public required string SandboxId { get; init; }

    public required Cri.ContainerConfig Config { get; init; }

    public required Cri.PodSandboxConfig SandboxConfig { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public Cri.ContainerState State { get; set; } = Cri.ContainerState.ContainerCreated;

    public int ExitCode { get; set; }

    public string Reason { get; set; } = "";

    public string Message { get; set; } = "";

    public string LogPath => Path.Combine(SandboxConfig.LogDirectory, Config.LogPath);

    public string MountOf(string containerPath) => Config.Mounts.Single(m => m.ContainerPath == containerPath).HostPath;

    public Cri.ContainerStatus ToStatus() => new()
    {
        Id = Id,
        Metadata = Config.Metadata,
        State = State,
        CreatedAt = CreatedAt.ToUnixNanoseconds(),
        StartedAt = StartedAt?.ToUnixNanoseconds() ?? 0,
        FinishedAt = FinishedAt?.ToUnixNanoseconds() ?? 0,
        ExitCode = ExitCode,
        Reason = Reason,
        Message = Message,
        Image = Config.Image,
        ImageRef = Config.Image.ImageRef,
        LogPath = LogPath,
        Labels = { Config.Labels },
        Annotations = { Config.Annotations },
    };
}
