namespace PodAgent.Containers.Cgroups.V1;

/// <summary>hugetlb: hugetlb.&lt;size&gt;.limit_in_bytes, and the limit of reservations where the kernel has it (5.7).</summary>
internal static class HugetlbController
{
    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        foreach ((string size, long limit) in resources.HugepageLimits)
        {
            string name = $"hugetlb.{HugepageSize.Validate(size, directory.Cgroup)}";
            directory.Write($"{name}.limit_in_bytes", limit);
            if (directory.Has($"{name}.rsvd.limit_in_bytes"))
            {
                directory.Write($"{name}.rsvd.limit_in_bytes", limit);
            }
        }
    }
}
