using System.Globalization;
using System.Numerics;
using PodAgent.Api.Resource;

namespace PodAgent.Pods.Config;

/// <summary>What fieldRef and resourceFieldRef stand for, in environment variables and downward API files.</summary>
internal static class PodFields
{
    /// <returns>The value, or null for a path that does not exist.</returns>
    public static string? Field(Core.Pod pod, string path, IReadOnlyList<string> podIps, NodeFacts node)
    {
        (string name, string? key) = SplitSubscript(path);
        switch (name)
        {
            case "metadata.labels" when key is not null:
                return pod.Metadata.Labels.TryGetValue(key, out string? label) ? label : "";
            case "metadata.annotations" when key is not null:
                return pod.Metadata.Annotations.TryGetValue(key, out string? annotation) ? annotation : "";
            case "metadata.labels":
                return Map(pod.Metadata.Labels);
            case "metadata.annotations":
                return Map(pod.Metadata.Annotations);
            case "metadata.name":
                return pod.Metadata.Name;
            case "metadata.namespace":
                return pod.Metadata.Namespace;
            case "metadata.uid":
                return pod.Metadata.Uid;
            case "spec.nodeName":
                return node.NodeName;
            case "spec.serviceAccountName":
                return pod.Spec.ServiceAccountName;
            case "status.hostIP":
                return node.HostIps.Count > 0 ? node.HostIps[0] : "";
            case "status.hostIPs":
                return string.Join(',', node.HostIps);
            case "status.podIP":
                return podIps.Count > 0 ? podIps[0] : "";
            case "status.podIPs":
                return string.Join(',', podIps);
            default:
                return null;
        }
    }

    /// <returns>The amount in units of the divisor, rounded up; null for a resource that cannot be asked for.</returns>
    public static string? Resource(Core.Pod pod, Core.Container self, Core.ResourceFieldSelector selector, NodeFacts node)
    {
        Core.Container? container = selector.HasContainerName && selector.ContainerName.Length > 0 ? pod.Spec.FindContainer(selector.ContainerName) : self;
        int dot = selector.Resource.IndexOf('.');
        if (container is null || dot < 0)
        {
            return null;
        }

        string name = selector.Resource[(dot + 1)..];
        bool limits = selector.Resource[..dot] == "limits";
        IDictionary<string, Quantity>? values = limits ? container.Resources?.Limits : container.Resources?.Requests;
        bool cpu = name == "cpu";
        long amount;
        if (values is not null && values.TryGetValue(name, out Quantity? quantity))
        {
            amount = cpu ? quantity.MilliValue() : quantity.Value();
        }
        else
        {
            // Without a limit a container may use what the node has.
            amount = !limits ? 0 : name switch
            {
                "cpu" => node.CpuCapacity,
                "memory" => node.MemoryCapacity,
                _ => 0,
            };
        }

        long divisor = 1;
        if (selector.Divisor is { String.Length: > 0 } given)
        {
            divisor = Math.Max(1, cpu ? given.MilliValue() : given.Value());
        }
        else if (cpu)
        {
            divisor = 1000;
        }

        // A divisor of "0" is what the API server writes for "none".
        if (selector.Divisor is { String: "0" })
        {
            divisor = cpu ? 1000 : 1;
        }

        return ((new BigInteger(amount) + divisor - 1) / divisor).ToString(CultureInfo.InvariantCulture);
    }

    // key="value" lines in the order of the keys, as the downward API writes maps.
    private static string Map(IDictionary<string, string> values) => string.Join(
        '\n',
        values.OrderBy(v => v.Key, StringComparer.Ordinal)
            .Select(v => $"{v.Key}=\"{v.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\""));

    // metadata.labels['app']
    private static (string Name, string? Key) SplitSubscript(string path)
    {
        int open = path.IndexOf("['", StringComparison.Ordinal);
        return open > 0 && path.EndsWith("']", StringComparison.Ordinal) ? (path[..open], path[(open + 2)..^2]) : (path, null);
    }
}
