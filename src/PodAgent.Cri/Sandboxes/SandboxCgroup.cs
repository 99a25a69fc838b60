using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Sandboxes;

/// <summary>
/// The pod's control group. A client that manages pods' groups itself (a kubelet) names one that exists; for others the runtime makes
/// the named one, with the limits of the sandbox's configuration, or one of its own below its default parent.
/// </summary>
internal static class SandboxCgroup
{
    public static (string Parent, bool Owned) Choose(CriContext runtime, PodSandboxConfig config, string id)
    {
        if (config.Linux is not { CgroupParent.Length: > 0 } linux)
        {
            return (CgroupNames.Pod(runtime.Options.CgroupParent, id), true);
        }

        string asked = SandboxValidation.CgroupPath(linux.CgroupParent, runtime.Options.CgroupDriver);

        // A second attempt of a pod shares the group that the first one made.
        bool owned = !runtime.Ports.Cgroups.Open(asked).Exists
            || runtime.Sandboxes.Entries.Any(entry => entry.Record is { OwnsCgroupParent: true } other && other.CgroupParent == asked);
        return (asked, owned);
    }

    public static void Create(CriContext runtime, SandboxRecord record)
    {
        if (record.OwnsCgroupParent)
        {
            runtime.Ports.Cgroups.Open(record.CgroupParent).Create(
                ResourceTranslation.ToCgroup(ResourceTranslation.Sum(record.EffectiveResources, record.EffectiveOverhead)));
        }

        runtime.Ports.Cgroups.Open(record.PauseCgroup).Create(null);
    }

    public static void Remove(CriContext runtime, SandboxRecord record)
    {
        runtime.Ports.Cgroups.Open(record.PauseCgroup).Remove();
        if (record.OwnsCgroupParent && !runtime.Sandboxes.Entries.Any(
            entry => entry.Record.Id != record.Id && entry.Record.CgroupParent == record.CgroupParent))
        {
            runtime.Ports.Cgroups.Open(record.CgroupParent).Remove();
        }
    }
}
