using PodAgent.Linux;

namespace PodAgent.Containers.Cgroups;

/// <summary>Checks of resources that do not need the kernel; all problems are reported at once.</summary>
internal static class CgroupResourcesValidation
{
    public static void Validate(CgroupResources resources, string cgroup)
    {
        var problems = new List<string>();
        long memory = resources.MemoryLimit ?? 0;
        long swap = resources.MemorySwapLimit ?? 0;
        Minimum(resources.CpuQuota, "cpu quota");
        Minimum(memory, "memory limit");
        Minimum(swap, "memory and swap limit");
        Minimum(resources.PidsLimit, "pids limit");
        if (swap > 0 && memory > 0 && swap < memory)
        {
            problems.Add($"the limit of memory and swap together, {swap}, is below the memory limit, {memory}");
        }

        foreach ((string size, long limit) in resources.HugepageLimits)
        {
            _ = HugepageSize.Validate(size, cgroup);
            Minimum(limit, $"limit of {size} huge pages");
        }

        CpuList(resources.CpusetCpus, "cpus");
        CpuList(resources.CpusetMems, "memory nodes");
        if (resources.IoWeight is > 0 and (< 10 or > 1000))
        {
            problems.Add($"io weight {resources.IoWeight} is not in 10..1000");
        }

        foreach (string key in resources.Unified.Keys)
        {
            // The file names are a caller's text: only "<controller>.<value>", never another directory and never the cgroup's own controls.
            if (!key.Contains('.') || key.StartsWith("cgroup.", StringComparison.Ordinal) || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            {
                problems.Add($"\"{key}\" is not a controller's file");
            }
        }

        foreach (DeviceRule rule in resources.Devices ?? [])
        {
            if (rule.Type is not ('a' or 'b' or 'c') || rule.Access.Length == 0 || rule.Access.Any(c => c is not ('r' or 'w' or 'm')) || rule.Major < 0 || rule.Minor < 0)
            {
                problems.Add($"\"{rule}\" is not a device rule");
            }
        }

        if (problems.Count > 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"invalid resources for cgroup \"{cgroup}\": {string.Join("; ", problems)}");
        }

        void Minimum(long? value, string what)
        {
            if (value < -1)
            {
                problems.Add($"{what} {value} is negative");
            }
        }

        void CpuList(string? list, string what)
        {
            if (list is not null && list.Any(c => !char.IsAsciiDigit(c) && c is not (',' or '-')))
            {
                problems.Add($"\"{list}\" is not a list of {what}");
            }
        }
    }
}
