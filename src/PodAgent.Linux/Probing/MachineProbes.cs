using PodAgent.Linux.Mounting;

namespace PodAgent.Linux.Probing;

/// <summary>Sets of probes.</summary>
public static class MachineProbes
{
    /// <summary>What an agent asks of its kernel: quick, and none of it about addresses or disks.</summary>
    public static IReadOnlyList<Probe> Kernel =>
    [
        .. KernelProbes.All,
        .. NamespaceProbes.All,
        .. new CgroupProbes(MountPoint.List()).All,
        .. SystemCallProbes.All,
        .. CapabilityProbes.Of(0),
        .. SecurityProbes.All,
    ];

    /// <summary>Removes the cgroups that probes of killed processes have left.</summary>
    public static void RemoveAbandoned() => new CgroupProbes(MountPoint.List()).RemoveAbandoned();
}
