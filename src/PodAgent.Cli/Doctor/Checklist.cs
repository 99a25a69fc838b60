using PodAgent.Api.V1;
using PodAgent.Linux.Mounting;
using PodAgent.Linux.Probing;

namespace PodAgent.Cli.Doctor;

/// <summary>Everything that is looked at, in the order in which it is shown.</summary>
internal static class Checklist
{
    public static IReadOnlyList<Probe> For(AgentFacts agent)
    {
        AgentConfiguration configuration = agent.Configuration;
        return
        [
            .. KernelProbes.All,
            .. NamespaceProbes.All,
            .. new CgroupProbes(MountPoint.List()).All,
            .. SystemCallProbes.All,
            .. new MountProbes(configuration.Root).All,
            .. NetworkProbes.All,
            .. SecurityProbes.All,
            .. CapabilityProbes.Of(agent.Pid),
            .. LibraryProbes.All,
            .. LimitProbes.Of(agent.Pid),
            .. MemoryProbes.All,
            .. DiskProbes.Of(configuration.Root, configuration.State, configuration.PodLogs),
            .. ClockProbes.All,
            .. PeerProbes.All,
            .. AgentProbes.Of(agent),
        ];
    }
}
