using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace PodAgent.Pods.Sources;

/// <summary>
/// The identity of a manifest's pod: the same name and the same content are the same pod, in whichever file and after whichever restart;
/// anything else is another pod that replaces it.
/// </summary>
internal static class PodHash
{
    /// <summary>Hex digest of name, labels, annotations and specification, whatever order the author wrote maps in.</summary>
    public static string Of(Core.Pod pod)
    {
        Core.Pod canonical = new()
        {
            Metadata = new Meta.ObjectMeta { Name = pod.Metadata.Name, Namespace = pod.Metadata.Namespace },
            Spec = pod.Spec.Clone(),
        };
        canonical.Metadata.Labels.Add(pod.Metadata.Labels);
        canonical.Metadata.Annotations.Add(pod.Metadata.Annotations);
        Sort(canonical.Metadata.Labels);
        Sort(canonical.Metadata.Annotations);
        Sort(canonical.Spec.NodeSelector);
        Sort(canonical.Spec.Overhead);
        Sort(canonical.Spec.Resources);
        foreach (Core.Container container in canonical.Spec.InitContainers.Concat(canonical.Spec.Containers))
        {
            Sort(container.Resources);
        }

        return Convert.ToHexStringLower(SHA256.HashData(canonical.ToByteArray()));
    }

    /// <summary>A UID in the usual form, the same for the same hash.</summary>
    public static string ToUid(string hash) => new Guid(Convert.FromHexString(hash.AsSpan(0, 32)), bigEndian: true).ToString();

    private static void Sort(Core.ResourceRequirements? resources)
    {
        if (resources is not null)
        {
            Sort(resources.Limits);
            Sort(resources.Requests);
        }
    }

    // A protobuf map is written in the order in which it was filled.
    private static void Sort<T>(MapField<string, T> map)
    {
        List<KeyValuePair<string, T>> entries = [.. map.OrderBy(e => e.Key, StringComparer.Ordinal)];
        map.Clear();
        foreach (KeyValuePair<string, T> entry in entries)
        {
            map.Add(entry.Key, entry.Value);
        }
    }
}
