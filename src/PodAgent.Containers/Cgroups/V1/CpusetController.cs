using PodAgent.Linux;

namespace PodAgent.Containers.Cgroups.V1;

/// <summary>cpuset: cpuset.cpus and cpuset.mems, which start empty in a new cgroup.</summary>
internal static class CpusetController
{
    private static readonly string[] s_files = ["cpuset.cpus", "cpuset.mems"];

    /// <summary>
    /// Gives a cgroup that has none its parent's CPUs and memory nodes: no task can join while they are empty (ENOSPC). Only where empty, so
    /// that a limit that somebody set is kept. Below it the kernel does the same from then on, at a fraction of the price.
    /// </summary>
    public static void Inherit(string mountPoint, string level)
    {
        var child = new ControllerDirectory($"{mountPoint}/{level}", level);
        bool hasAll = true;
        foreach (string file in s_files)
        {
            hasAll &= !string.IsNullOrWhiteSpace(child.TryRead(file));
        }

        if (hasAll)
        {
            return;
        }

        ControllerDirectory parent = new(mountPoint, "/");
        if (level.LastIndexOf('/') is > 0 and int end)
        {
            // Somebody else may have made it, and left it empty.
            Inherit(mountPoint, level[..end]);
            parent = new ControllerDirectory($"{mountPoint}/{level[..end]}", level[..end]);
        }

        foreach (string file in s_files)
        {
            if (string.IsNullOrWhiteSpace(child.TryRead(file)) && parent.TryRead(file)?.Trim() is { Length: > 0 } inherited)
            {
                child.Write(file, inherited);
            }
        }

        // ENOENT: a kernel without it.
        _ = child.TryWrite("cgroup.clone_children", "1", Errno.ENOENT);
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
