namespace PodAgent.Containers.Specs;

/// <summary>What the default mounts depend on.</summary>
public sealed record DefaultMountOptions
{
    /// <summary>The container may write /sys and its cgroups.</summary>
    public bool Privileged { get; init; }

    /// <summary>The pod has the machine's IPC namespace: /dev/shm and /dev/mqueue are the machine's.</summary>
    public bool HostIpc { get; init; }

    /// <summary>The pod's tmpfs for /dev/shm, an absolute host path; null: one of the container's own.</summary>
    public string? ShmDirectory { get; init; }
}
