namespace PodAgent.Containers.Cgroups;

/// <summary>A mounted hierarchy.</summary>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Unified">cgroup v2.</param>
/// <param name="Controllers">The controllers of a v1 hierarchy; empty for v2 and for named hierarchies.</param>
internal sealed record CgroupMount(string MountPoint, bool Unified, IReadOnlyList<string> Controllers)
{
    private static readonly string[] s_known =
        ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "hugetlb", "net_cls", "net_prio", "perf_event", "rdma", "misc"];

    /// <summary>The hierarchies at or below a directory. Of mounts over one another the last counts: it hides the others.</summary>
    public static IReadOnlyList<CgroupMount> Parse(string mountInfo, string below)
    {
        var mounts = new Dictionary<string, CgroupMount>();
        foreach (Linux.Mounting.MountPoint mount in Linux.Mounting.MountPoint.Parse(mountInfo).Where(mount => mount.IsBelow(below)))
        {
            switch (mount.Type)
            {
                case "cgroup":
                    mounts[mount.Path] = new CgroupMount(mount.Path, Unified: false, [.. mount.SuperOptions.Where(s_known.Contains)]);
                    break;
                case "cgroup2":
                    mounts[mount.Path] = new CgroupMount(mount.Path, Unified: true, []);
                    break;
                default:
                    mounts.Remove(mount.Path);
                    break;
            }
        }

        return [.. mounts.Values];
    }
}
