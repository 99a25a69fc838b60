using PodAgent.Api.Cri;
using PodAgent.Containers.Cgroups;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>CRI's resources, where 0 means "not said", in the terms of control groups.</summary>
internal static class ResourceTranslation
{
    public static CgroupResources ToCgroup(LinuxContainerResources? resources) => resources is null
        ? new CgroupResources()
        : new CgroupResources
        {
            CpuShares = resources.CpuShares > 0 ? (ulong)resources.CpuShares : null,
            CpuQuota = resources.CpuQuota != 0 ? resources.CpuQuota : null,
            CpuPeriod = resources.CpuPeriod > 0 ? (ulong)resources.CpuPeriod : null,
            MemoryLimit = resources.MemoryLimitInBytes != 0 ? resources.MemoryLimitInBytes : null,
            MemorySwapLimit = resources.MemorySwapLimitInBytes != 0 ? resources.MemorySwapLimitInBytes : null,
            CpusetCpus = resources.CpusetCpus.Length > 0 ? resources.CpusetCpus : null,
            CpusetMems = resources.CpusetMems.Length > 0 ? resources.CpusetMems : null,
            HugepageLimits = resources.HugepageLimits
                .GroupBy(limit => limit.PageSize, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => (long)Math.Min(group.Last().Limit, long.MaxValue), StringComparer.Ordinal),
            Unified = new Dictionary<string, string>(resources.Unified, StringComparer.Ordinal),
        };

    /// <summary>
    /// The limits of a pod's control group: what its containers may use together, and what the pod takes beside them. A limit that the
    /// first does not have, the sum does not have either.
    /// </summary>
    public static LinuxContainerResources? Sum(LinuxContainerResources? resources, LinuxContainerResources? overhead)
    {
        if (resources is null || overhead is null)
        {
            return resources;
        }

        LinuxContainerResources sum = resources.Clone();
        sum.CpuShares = Plus(resources.CpuShares, overhead.CpuShares);
        sum.MemoryLimitInBytes = Plus(resources.MemoryLimitInBytes, overhead.MemoryLimitInBytes);
        sum.MemorySwapLimitInBytes = Plus(resources.MemorySwapLimitInBytes, overhead.MemoryLimitInBytes);
        if (resources.CpuPeriod == overhead.CpuPeriod)
        {
            sum.CpuQuota = Plus(resources.CpuQuota, overhead.CpuQuota);
        }

        return sum;
    }

    /// <summary>The resources in force after an update that names only what it changes.</summary>
    public static LinuxContainerResources Overlay(LinuxContainerResources? before, LinuxContainerResources update)
    {
        LinuxContainerResources result = before?.Clone() ?? new LinuxContainerResources();
        result.CpuPeriod = Pick(update.CpuPeriod, result.CpuPeriod);
        result.CpuQuota = Pick(update.CpuQuota, result.CpuQuota);
        result.CpuShares = Pick(update.CpuShares, result.CpuShares);
        result.MemoryLimitInBytes = Pick(update.MemoryLimitInBytes, result.MemoryLimitInBytes);
        result.MemorySwapLimitInBytes = Pick(update.MemorySwapLimitInBytes, result.MemorySwapLimitInBytes);
        result.OomScoreAdj = Pick(update.OomScoreAdj, result.OomScoreAdj);
        result.CpusetCpus = update.CpusetCpus.Length > 0 ? update.CpusetCpus : result.CpusetCpus;
        result.CpusetMems = update.CpusetMems.Length > 0 ? update.CpusetMems : result.CpusetMems;
        if (update.HugepageLimits.Count > 0)
        {
            result.HugepageLimits.Clear();
            result.HugepageLimits.Add(update.HugepageLimits);
        }

        foreach ((string file, string value) in update.Unified)
        {
            result.Unified[file] = value;
        }

        return result;
    }

    private static long Plus(long limit, long more) => limit > 0 && more > 0 ? limit + Math.Min(more, long.MaxValue - limit) : limit;

    private static long Pick(long update, long before) => update != 0 ? update : before;
}
