using PodAgent.Api.Core;
using PodAgent.Api.Resource;

namespace PodAgent.Api.Defaults;

/// <summary>
/// Brings every quantity of a pod into canonical notation. The API server does it when it decodes; an object that came over the wire may
/// say <c>0.5</c> where a manifest says <c>500m</c>, and that is no difference.
/// </summary>
internal static class QuantityDefaults
{
    public static void Apply(PodSpec spec)
    {
        Apply(spec.Overhead.Values);
        Apply(spec.Resources);
        foreach (Container container in spec.InitContainers.Concat(spec.Containers))
        {
            Apply(container.Resources);
            Apply(container.Env);
        }

        foreach (EphemeralContainer container in spec.EphemeralContainers)
        {
            Apply(container.EphemeralContainerCommon?.Resources);
            Apply(container.EphemeralContainerCommon?.Env ?? []);
        }

        foreach (VolumeSource source in spec.Volumes.Select(volume => volume.VolumeSource).OfType<VolumeSource>())
        {
            Apply(source.EmptyDir?.SizeLimit);
            Apply(source.DownwardAPI?.Items ?? []);
            Apply(source.Ephemeral?.VolumeClaimTemplate?.Spec?.Resources?.Limits.Values ?? []);
            Apply(source.Ephemeral?.VolumeClaimTemplate?.Spec?.Resources?.Requests.Values ?? []);
            foreach (VolumeProjection projection in source.Projected?.Sources ?? [])
            {
                Apply(projection.DownwardAPI?.Items ?? []);
            }
        }
    }

    private static void Apply(ResourceRequirements? resources)
    {
        if (resources is not null)
        {
            Apply(resources.Limits.Values);
            Apply(resources.Requests.Values);
        }
    }

    private static void Apply(IEnumerable<EnvVar> variables)
    {
        foreach (EnvVar variable in variables)
        {
            Apply(variable.ValueFrom?.ResourceFieldRef?.Divisor);
        }
    }

    private static void Apply(IEnumerable<DownwardAPIVolumeFile> files)
    {
        foreach (DownwardAPIVolumeFile file in files)
        {
            Apply(file.ResourceFieldRef?.Divisor);
        }
    }

    private static void Apply(IEnumerable<Quantity> quantities)
    {
        foreach (Quantity quantity in quantities)
        {
            Apply(quantity);
        }
    }

    private static void Apply(Quantity? quantity)
    {
        // What is no quantity is left for validation to report.
        if (quantity?.String.Length > 0 && QuantityAmount.TryParse(quantity.String, out QuantityAmount amount))
        {
            quantity.String = amount.Canonical();
        }
    }
}
