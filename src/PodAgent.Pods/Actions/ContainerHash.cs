using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PodAgent.Pods.Actions;

/// <summary>
/// The identity of a container's definition as far as it can change in place: name and image. A running attempt with another hash is
/// replaced. Stored as an annotation on the runtime's container, so the form must stay the same between versions.
/// </summary>
internal static class ContainerHash
{
    public static string Of(Core.Container container)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{container.Name}\n{container.Image}"));
        return BitConverter.ToUInt32(digest).ToString("x", CultureInfo.InvariantCulture);
    }

    /// <summary>The key under which crashes are counted: another image or other resources deserve a fresh start.</summary>
    public static string BackOffKey(Core.Pod pod, Core.Container container)
    {
        StringBuilder resources = new();
        Append(resources, container.Resources?.Limits);
        resources.Append('/');
        Append(resources, container.Resources?.Requests);
        return $"{PodText.Format(pod)}_{container.Name}_{container.Image}_{resources}";
    }

    private static void Append(StringBuilder text, IDictionary<string, Api.Resource.Quantity>? values)
    {
        foreach (KeyValuePair<string, Api.Resource.Quantity> entry in (values ?? new Dictionary<string, Api.Resource.Quantity>()).OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            text.Append(entry.Key).Append('=').Append(entry.Value.String).Append(',');
        }
    }
}
