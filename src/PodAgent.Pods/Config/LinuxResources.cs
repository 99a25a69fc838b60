using PodAgent.Api.Resource;
using PodAgent.Pods.Status;

namespace PodAgent.Pods.Config;

/// <summary>From requests and limits to what the kernel takes: shares, quota, bytes and the OOM killer's preference.</summary>
internal static class LinuxResources
{
    /// <summary>Microseconds.</summary>
    public const long Period = 100_000;

    public static long Shares(long milliCpu) => milliCpu <= 0 ? 2 : Math.Clamp(milliCpu * 1024 / 1000, 2, 262_144);

    /// <summary>0: no limit. The kernel refuses less than a millisecond per period.</summary>
    public static long Quota(long milliCpu) => milliCpu <= 0 ? 0 : Math.Max(milliCpu * Period / 1000, 1000);

    public static Cri.LinuxContainerResources OfContainer(Core.Pod pod, Core.Container container, NodeFacts node)
    {
        Core.ResourceRequirements? resources = container.Resources;
        Cri.LinuxContainerResources result = new()
        {
            CpuShares = Shares(Request(container, "cpu", milli: true)),
            MemoryLimitInBytes = Value(resources?.Limits, "memory"),
            OomScoreAdj = OomScoreAdj(pod, container, node),
        };
        long quota = Quota(Milli(resources?.Limits, "cpu"));
        if (quota > 0)
        {
            result.CpuPeriod = Period;
            result.CpuQuota = quota;
        }

        foreach (KeyValuePair<string, Quantity> limit in resources?.Limits.AsEnumerable() ?? [])
        {
            if (limit.Key.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                result.HugepageLimits.Add(new Cri.HugepageLimit { PageSize = HugePageSize(limit.Key), Limit = (ulong)limit.Value.Value() });
            }
        }

        return result;
    }

    /// <summary>The pod's own cgroup: the sum for regular containers and sidecars, or the largest init container where that is more.</summary>
    public static Cri.LinuxContainerResources OfPod(Core.Pod pod)
    {
        Core.PodSpec spec = pod.Spec;
        Cri.LinuxContainerResources result = new();
        if (QualityOfService.Of(pod) == QosClass.BestEffort)
        {
            result.CpuShares = 2;
            return result;
        }

        result.CpuShares = Shares(Effective(spec, c => Request(c, "cpu", milli: true)));
        // One container without a limit makes any limit of the sum wrong.
        bool cpuLimited = All(spec, "cpu");
        bool memoryLimited = All(spec, "memory");
        long cpu = Effective(spec, c => Milli(c.Resources?.Limits, "cpu"));
        long memory = Effective(spec, c => Value(c.Resources?.Limits, "memory"));
        if (spec.Resources is { } podLevel)
        {
            if (Has(podLevel.Requests, "cpu"))
            {
                result.CpuShares = Shares(Milli(podLevel.Requests, "cpu"));
            }

            (cpu, cpuLimited) = Has(podLevel.Limits, "cpu") ? (Milli(podLevel.Limits, "cpu"), true) : (cpu, cpuLimited);
            (memory, memoryLimited) = Has(podLevel.Limits, "memory") ? (Value(podLevel.Limits, "memory"), true) : (memory, memoryLimited);
        }

        if (cpuLimited && cpu > 0)
        {
            result.CpuPeriod = Period;
            result.CpuQuota = Quota(cpu);
        }

        if (memoryLimited)
        {
            result.MemoryLimitInBytes = memory;
        }

        return result;
    }

    public static long OomScoreAdj(Core.Pod pod, Core.Container container, NodeFacts node)
    {
        // system-cluster-critical and everything above it.
        if (pod.Spec.HasPriority && pod.Spec.Priority >= 2_000_000_000)
        {
            return -997;
        }

        switch (QualityOfService.Of(pod))
        {
            case QosClass.Guaranteed:
                return -997;
            case QosClass.BestEffort:
                return 1000;
            default:
                long own = Burstable(Request(container, "memory", milli: false), node);
                bool sidecar = container.IsSidecar() && pod.Spec.InitContainers.Contains(container);
                // A sidecar must not be the first victim of a pod whose main containers are better protected.
                return sidecar
                    ? Math.Min(own, pod.Spec.Containers.Max(c => Burstable(Request(c, "memory", milli: false), node)))
                    : own;
        }
    }

    private static long Burstable(long memoryRequest, NodeFacts node) =>
        node.MemoryCapacity <= 0 ? 999 : Math.Clamp(1000 - (long)(1000 * (decimal)memoryRequest / node.MemoryCapacity), 3, 999);

    private static long Effective(Core.PodSpec spec, Func<Core.Container, long> of)
    {
        long sum = spec.Containers.Sum(of);
        long sidecars = 0;
        long init = 0;
        foreach (Core.Container container in spec.InitContainers)
        {
            if (container.IsSidecar())
            {
                sidecars += of(container);
                init = Math.Max(init, sidecars);
            }
            else
            {
                init = Math.Max(init, of(container) + sidecars);
            }
        }

        return Math.Max(sum + sidecars, init);
    }

    private static bool All(Core.PodSpec spec, string resource) =>
        spec.Containers.Concat(spec.InitContainers).All(c => Has(c.Resources?.Limits, resource));

    // A limit without a request is a request of the same size.
    private static long Request(Core.Container container, string name, bool milli)
    {
        IDictionary<string, Quantity>? from = Has(container.Resources?.Requests, name) ? container.Resources?.Requests : container.Resources?.Limits;
        return milli ? Milli(from, name) : Value(from, name);
    }

    private static bool Has(IDictionary<string, Quantity>? values, string name) => values is not null && values.ContainsKey(name);

    private static long Milli(IDictionary<string, Quantity>? values, string name) =>
        values is not null && values.TryGetValue(name, out Quantity? quantity) ? quantity.MilliValue() : 0;

    private static long Value(IDictionary<string, Quantity>? values, string name) =>
        values is not null && values.TryGetValue(name, out Quantity? quantity) ? quantity.Value() : 0;

    // hugepages-2Mi is the cgroup's 2MB, hugepages-1Gi its 1GB.
    private static string HugePageSize(string resource)
    {
        string size = resource["hugepages-".Length..];
        return size.EndsWith('i') ? size[..^1] + "B" : size;
    }
}
