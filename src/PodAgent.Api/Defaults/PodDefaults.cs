using PodAgent.Api.Core;
using PodAgent.Api.Meta;

namespace PodAgent.Api.Defaults;

/// <summary>
/// Fills in what the API server fills in when a pod is created, so that everything behind it can rely on a complete pod. Applying it twice
/// changes nothing.
/// </summary>
public static class PodDefaults
{
    private const long GracePeriodSeconds = 30;

    /// <summary>Applies the defaults to metadata (namespace), spec, every kind of container and every volume.</summary>
    /// <param name="pod">Changed in place.</param>
    public static void Apply(Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        pod.Metadata ??= new ObjectMeta();
        pod.Metadata.Namespace = Or(pod.Metadata.Namespace, "default");
        pod.Spec ??= new PodSpec();
        PodSpec spec = pod.Spec;
        QuantityDefaults.Apply(spec);
        spec.RestartPolicy = Or(spec.RestartPolicy, "Always");
        spec.DnsPolicy = Or(spec.DnsPolicy, "ClusterFirst");
        spec.SchedulerName = Or(spec.SchedulerName, "default-scheduler");
        spec.SecurityContext ??= new PodSecurityContext();
        if (!spec.HasTerminationGracePeriodSeconds)
        {
            spec.TerminationGracePeriodSeconds = GracePeriodSeconds;
        }

        if (!spec.HasEnableServiceLinks)
        {
            spec.EnableServiceLinks = true;
        }

        ApplyServiceAccount(spec);
        foreach (Volume volume in spec.Volumes)
        {
            VolumeDefaults.Apply(volume);
        }

        foreach (Container container in spec.InitContainers.Concat(spec.Containers))
        {
            ContainerDefaults.Apply(container, spec.HostNetwork);
        }

        foreach (EphemeralContainer ephemeral in spec.EphemeralContainers)
        {
            Container container = ephemeral.ToContainer();
            ContainerDefaults.Apply(container, hostNetwork: false);
            ephemeral.SetContainer(container);
        }

        if (spec.Resources is not null)
        {
            ResourceDefaults.ApplyToPod(spec);
        }
    }

    internal static string Or(string value, string fallback) => value.Length == 0 ? fallback : value;

    /// <summary>The two names of one field: readers of the old one still exist.</summary>
    private static void ApplyServiceAccount(PodSpec spec)
    {
        string name = Or(spec.ServiceAccountName, spec.ServiceAccount);
        if (name.Length > 0)
        {
            spec.ServiceAccountName = name;
            spec.ServiceAccount = name;
        }
    }
}
