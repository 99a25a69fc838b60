using PodAgent.Api.Cri;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Stores;

/// <summary>What the runtime knows about a container; never changed, only replaced.</summary>
/// <remarks>
/// The state follows from the timestamps:
/// <code>
///   CreateContainer              StartContainer               main process ended
///  ─────────────────► CREATED ──────────────────► RUNNING ──────────────────────► EXITED ─── RemoveContainer ──► (gone)
///                        │                                                          ▲                               ▲
///                        ├────────── StartContainer fails: 128, StartError ─────────┘                               │
///                        ├────────── its sandbox is gone: 255, Unknown ─────────────┘                               │
///                        └──────────────────────────────── RemoveContainer ─────────────────────────────────────────┘
/// </code>
/// </remarks>
public sealed record ContainerRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Its sandbox.</summary>
    public required string SandboxId { get; init; }

    /// <summary>As the client gave it; nobody changes it.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>Unix nanoseconds.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Unix nanoseconds; 0: not started.</summary>
    public long StartedAt { get; init; }

    /// <summary>Unix nanoseconds; 0: not ended.</summary>
    public long FinishedAt { get; init; }

    /// <summary>0..255, once ended.</summary>
    public int ExitCode { get; init; }

    /// <summary>One word, once ended: Completed, Error, OOMKilled, StartError, Unknown.</summary>
    public string Reason { get; init; } = "";

    /// <summary>A sentence for people.</summary>
    public string Message { get; init; } = "";

    /// <summary>Process ID while running.</summary>
    public int Pid { get; init; }

    /// <summary>"sha256:..." of the image's configuration.</summary>
    public required string ImageId { get; init; }

    /// <summary>A repository digest of the image, or its ID.</summary>
    public required string ImageRef { get; init; }

    /// <summary>Absolute; empty: no log.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>Relative to the cgroup root.</summary>
    public required string Cgroup { get; init; }

    /// <summary>Number of the signal that asks it to stop.</summary>
    public int StopSignal { get; init; } = 15;

    /// <summary>What StartContainer asks of the supervisor; nobody changes it.</summary>
    public required Wire.ContainerSpec Spec { get; init; }

    /// <summary>The resources in force.</summary>
    public LinuxContainerResources? Resources { get; init; }

    /// <summary>The user's name in the image; empty: it has none.</summary>
    public string UserName { get; init; } = "";

    /// <summary>Derived from the timestamps.</summary>
    public ContainerState State =>
        FinishedAt != 0 ? ContainerState.ContainerExited
        : StartedAt != 0 ? ContainerState.ContainerRunning
        : CreatedAt != 0 ? ContainerState.ContainerCreated
        : ContainerState.ContainerUnknown;

    /// <summary>How the container is called in messages.</summary>
    public string Name => Config.Metadata.Name;
}
