namespace PodAgent.Pods.Config;

/// <summary>The pod's host name: its own field or its name, cut to what the kernel and DNS take.</summary>
internal static class Hostname
{
    public const int MaxLength = 63;

    public static string Of(Core.Pod pod)
    {
        if (pod.Spec.HasHostnameOverride && pod.Spec.HostnameOverride.Length > 0)
        {
            return pod.Spec.HostnameOverride;
        }

        string name = pod.Spec.HasHostname && pod.Spec.Hostname.Length > 0 ? pod.Spec.Hostname : pod.Metadata.Name;
        if (name.Length > MaxLength)
        {
            // A cut may leave a separator at the end, which no host name may have.
            name = name[..MaxLength].TrimEnd('-', '.');
        }

        return name;
    }

    /// <summary>Subdomain, namespace and cluster domain; empty without a subdomain.</summary>
    public static string Domain(Core.Pod pod, string clusterDomain) =>
        pod.Spec.HasSubdomain && pod.Spec.Subdomain.Length > 0 ? $"{pod.Spec.Subdomain}.{pod.Metadata.Namespace}.svc.{clusterDomain}" : "";
}
