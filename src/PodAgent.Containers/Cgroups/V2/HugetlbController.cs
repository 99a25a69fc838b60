using System.Globalization;

namespace PodAgent.Containers.Cgroups.V2;

/// <summary>hugetlb: hugetlb.&lt;size&gt;.max, and the limit of reservations where the kernel has it (5.7).</summary>
internal static class HugetlbController
{
    public static void Apply(ControllerDirectory directory, CgroupResources resources)
    {
        foreach ((string size, long limit) in resources.HugepageLimits)
        {
            string name = $"hugetlb.{HugepageSize.Validate(size, directory.Cgroup)}";
            string value = limit < 0 ? "max" : limit.ToString(CultureInfo.InvariantCulture);
            directory.Write($"{name}.max", value);
            if (directory.Has($"{name}.rsvd.max"))
            {
                directory.Write($"{name}.rsvd.max", value);
            }
        }
    }
}
