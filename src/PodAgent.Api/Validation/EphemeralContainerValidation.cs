using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for ephemeral containers: those of containers, without what a container added later cannot have.</summary>
internal static class EphemeralContainerValidation
{
    public static void Validate(EphemeralContainer ephemeral, string path, PodContext context)
    {
        FieldErrors errors = context.Errors;
        Container container = ephemeral.ToContainer();
        ContainerValidation.Validate(container, path, ContainerRole.Ephemeral, context, new HashSet<string>(StringComparer.Ordinal));
        foreach ((bool set, string field) in new[]
        {
            (container.Ports.Count > 0, "ports"),
            (container.LivenessProbe is not null, "livenessProbe"),
            (container.ReadinessProbe is not null, "readinessProbe"),
            (container.StartupProbe is not null, "startupProbe"),
            (container.Lifecycle is not null, "lifecycle"),
            (container.Resources is not null && container.Resources.CalculateSize() > 0, "resources"),
            (container.ResizePolicy.Count > 0, "resizePolicy"),
        })
        {
            if (set)
            {
                errors.Forbidden($"{path}.{field}", "cannot be set for an ephemeral container");
            }
        }

        for (int index = 0; index < container.VolumeMounts.Count; index++)
        {
            VolumeMount mount = container.VolumeMounts[index];
            foreach ((string value, string field) in new[] { (mount.SubPath, "subPath"), (mount.SubPathExpr, "subPathExpr") })
            {
                if (value.Length > 0)
                {
                    errors.Forbidden($"{path}.volumeMounts[{index}].{field}", "cannot be set for an ephemeral container");
                }
            }
        }

        string target = ephemeral.TargetContainerName;
        if (target.Length > 0 && !context.Spec.Containers.Concat(context.Spec.InitContainers).Any(other => other.Name == target))
        {
            errors.NotFound(path + ".targetContainerName", target);
        }
    }
}
