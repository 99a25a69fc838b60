using PodAgent.Api.Resource;

namespace PodAgent.Pods.Status;

/// <summary>A pod's class under pressure. The names are the API's values.</summary>
internal enum QosClass
{
    Guaranteed,
    Burstable,
    BestEffort,
}

/// <summary>Derives the class from requests and limits of cpu and memory, init containers included; pod-level ones win.</summary>
internal static class QualityOfService
{
    private static readonly string[] s_resources = ["cpu", "memory"];

    public static QosClass Of(Core.Pod pod)
    {
        if (pod.Spec.Resources is { } podLevel && (Any(podLevel.Requests) || Any(podLevel.Limits)))
        {
            return IsGuaranteed(podLevel) ? QosClass.Guaranteed : QosClass.Burstable;
        }

        bool anything = false;
        bool guaranteed = true;
        foreach (Core.Container container in pod.Spec.Containers.Concat(pod.Spec.InitContainers))
        {
            Core.ResourceRequirements? resources = container.Resources;
            anything |= resources is not null && (Any(resources.Requests) || Any(resources.Limits));
            guaranteed &= resources is not null && IsGuaranteed(resources);
        }

        return !anything ? QosClass.BestEffort : guaranteed ? QosClass.Guaranteed : QosClass.Burstable;
    }

    private static bool Any(IDictionary<string, Quantity> values) =>
        s_resources.Any(name => values.TryGetValue(name, out Quantity? quantity) && quantity.MilliValue() > 0);

    // A missing request equals its limit: the defaults fill it in, but orphans and direct callers may lack it.
    private static bool IsGuaranteed(Core.ResourceRequirements resources) =>
        s_resources.All(name => resources.Limits.TryGetValue(name, out Quantity? limit) && limit.MilliValue() > 0
            && (!resources.Requests.TryGetValue(name, out Quantity? request) || request.MilliValue() == limit.MilliValue()));
}
