using PodAgent.Api.Core;
using PodAgent.Api.Resource;

namespace PodAgent.Api.Defaults;

/// <summary>Requests that follow from limits.</summary>
internal static class ResourceDefaults
{
    /// <summary>Whoever limits a resource and does not request it requests what the limit allows.</summary>
    public static void RequestsFromLimits(ResourceRequirements resources)
    {
        foreach ((string name, Quantity limit) in resources.Limits)
        {
            if (!resources.Requests.ContainsKey(name))
            {
                resources.Requests[name] = limit.Clone();
            }
        }
    }

    /// <summary>The pod's own request, where it only has a limit, is what its containers request together, or the limit when none requests anything.</summary>
    public static void ApplyToPod(PodSpec spec)
    {
        foreach ((string name, Quantity limit) in spec.Resources.Limits)
        {
            if (!spec.Resources.Requests.ContainsKey(name))
            {
                spec.Resources.Requests[name] = SumOfRequests(spec, name) ?? limit.Clone();
            }
        }
    }

    /// <summary>max(sum of regular containers and sidecars, each plain init container plus the sidecars before it); KEP-753.</summary>
    private static Quantity? SumOfRequests(PodSpec spec, string name)
    {
        Quantity? sidecars = null;
        Quantity? largestInit = null;
        foreach (Container init in spec.InitContainers)
        {
            Quantity? request = Request(init, name);
            if (init.RestartPolicy == "Always")
            {
                sidecars = Add(sidecars, request);
                request = sidecars;
            }
            else
            {
                request = Add(sidecars, request);
            }

            largestInit = Max(largestInit, request);
        }

        Quantity? sum = spec.Containers.Aggregate(sidecars, (total, container) => Add(total, Request(container, name)));
        return Max(sum, largestInit);
    }

    private static Quantity? Request(Container container, string name) =>
        container.Resources?.Requests.TryGetValue(name, out Quantity? quantity) == true && quantity.IsValid ? quantity : null;

    private static Quantity? Add(Quantity? left, Quantity? right) =>
        left is null ? right?.Clone() : right is null ? left : Quantity.Add(left, right);

    private static Quantity? Max(Quantity? left, Quantity? right) =>
        left is null ? right : right is null || left.CompareTo(right) >= 0 ? left : right;
}
