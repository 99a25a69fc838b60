using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Probing;

/// <summary>Each kind of namespace (namespaces(7)) is made once.</summary>
public static class NamespaceProbes
{
    private const string Area = "Namespaces";
    private const string UserRemedy = "a kernel with CONFIG_USER_NS; sysctl user.max_user_namespaces and kernel.unprivileged_userns_clone above 0";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [
        Unshare("mount", NamespaceKinds.Mount, ProbeNeed.Required, "containers cannot have a root of their own", "run the agent with CAP_SYS_ADMIN"),
        Unshare("network", NamespaceKinds.Network, ProbeNeed.Required, "pods have no network of their own, only hostNetwork", "a kernel with CONFIG_NET_NS"),
        Unshare("ipc", NamespaceKinds.Ipc, ProbeNeed.Required, "pods cannot be kept apart in shared memory and queues", "a kernel with CONFIG_IPC_NS"),
        Unshare("uts", NamespaceKinds.Uts, ProbeNeed.Required, "pods have no host name of their own", "a kernel with CONFIG_UTS_NS"),
        Cloned("pid", NamespaceKinds.Pid, ProbeNeed.Required, "containers see and may signal the node's processes", "a kernel with CONFIG_PID_NS"),
        Unshare("cgroup", NamespaceKinds.Cgroup, ProbeNeed.Useful, "containers see the node's cgroup paths", "Linux 4.6 or later"),
        Cloned("user", NamespaceKinds.User, ProbeNeed.Useful, "hostUsers: false is refused", UserRemedy),
        Unshare("time", NamespaceKinds.Time, ProbeNeed.Optional, "", "a kernel (5.6 or later) with CONFIG_TIME_NS"),
        Limit("user namespaces", "user.max_user_namespaces"),
        Limit("network namespaces", "user.max_net_namespaces"),
        Limit("mount namespaces", "user.max_mnt_namespaces"),
    ];

    private static Probe Unshare(string name, NamespaceKinds kind, ProbeNeed need, string cost, string remedy) => new(Area, name, need, () =>
    {
        Namespaces.Unshare(kind);
        return "";
    })
    { Cost = cost, Remedy = remedy };

    private static Probe Cloned(string name, NamespaceKinds kind, ProbeNeed need, string cost, string remedy) => new(Area, name, need, () =>
    {
        using ClonedChild child = ClonedChild.Start(kind);
        return "";
    })
    { Cost = cost, Remedy = remedy };

    // A pod takes one of each, a few more while it starts.
    private static Probe Limit(string name, string setting) =>
        LimitProbes.AtLeast(Area, "number of " + name, setting, 512, "no more pods than that run on this node");
}
