namespace PodAgent.Containers.Cgroups.V2;

/// <summary>cpuset: empty means the parent's, so nothing has to be copied as on v1.</summary>
internal static class CpusetController
{
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
