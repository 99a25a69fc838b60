using PodAgent.Cri.Ports;

namespace PodAgent.Cri;

/// <summary>Everything that the runtime half asks of the machine; tests put fakes here.</summary>
internal sealed record CriPorts
{
    public required ISandboxSupervisors Supervisors { get; init; }

    public required ICgroups Cgroups { get; init; }

    public required IImages Images { get; init; }

    public required IRootfsSource Rootfs { get; init; }

    public required IImageVolumes Volumes { get; init; }

    public required ISandboxNetwork Network { get; init; }

    public required ISandboxFiles Files { get; init; }

    public required ISecurityProfiles Security { get; init; }

    public required IUserDatabase Users { get; init; }

    public required IHostDevices Devices { get; init; }

    public required IHostCounters Counters { get; init; }

    public required IStdio Stdio { get; init; }
}
