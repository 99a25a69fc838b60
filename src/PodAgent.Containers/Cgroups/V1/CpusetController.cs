namespace PodAgent.Containers.Cgroups.V1;

/// <summary>cpuset: cpuset.cpus and cpuset.mems, which start empty in a new cgroup.</summary>
internal static class CpusetController
{
    /// <summary>
    /// Gives a new cgroup its parent's CPUs and memory nodes: no task can join while they are empty (ENOSPC). Each level in turn, from the
    /// outermost, and only where empty, so that a limit that somebody set is kept.
    /// </summary>
    public static void Inherit(ControllerDirectory parent, ControllerDirectory child)
    {
        foreach (string file in (ReadOnlySpan<string>)["cpuset.cpus", "cpuset.mems"])
        {
            if (string.IsNullOrWhiteSpace(child.TryRead(file)) && parent.TryRead(file)?.Trim() is { Length: > 0 } inherited)
            {
                child.Write(file, inherited);
            }
        }
    }

    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        if (!string.IsNullOrEmpty(resources.CpusetCpus))
        {
            directory.Write("cpuset.cpus", resources.CpusetCpus);
        }

        if (!string.IsNullOrEmpty(resources.CpusetMems))
        {
            directory.Write("cpuset.mems", resources.CpusetMems);
        }
    }
}
