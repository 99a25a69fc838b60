using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for a container of any role.</summary>
internal static class ContainerValidation
{
    public static void Validate(Container container, string path, ContainerRole role, PodContext context, HashSet<string> hostPorts)
    {
        FieldErrors errors = context.Errors;
        ValidateName(container.Name, path + ".name", context);
        ValidateImage(container.Image, path + ".image", errors);
        PortValidation.Validate(container.Ports, path + ".ports", context, hostPorts);
        EnvironmentValidation.Validate(container, path, context);
        ResourceValidation.ValidateContainer(container, path, context);
        VolumeMountValidation.Validate(container, path, context);
        RestartRuleValidation.Validate(container, path, role, errors);
        if (role == ContainerRole.Init)
        {
            ForbidProbesAndHooks(container, path, errors);
        }
        else if (role != ContainerRole.Ephemeral)
        {
            ProbeValidation.Validate(container, path, errors);
            HandlerValidation.ValidateLifecycle(container.Lifecycle, path + ".lifecycle", context.Spec, errors);
        }

        ValidatePolicy(container.TerminationMessagePolicy, path + ".terminationMessagePolicy", errors, "FallbackToLogsOnError", "File");
        ValidatePolicy(container.ImagePullPolicy, path + ".imagePullPolicy", errors, "Always", "IfNotPresent", "Never");
        SecurityContextValidation.Validate(container.SecurityContext, path + ".securityContext", context);
    }

    public static void ValidateImage(string image, string path, FieldErrors errors)
    {
        if (image.Length == 0)
        {
            errors.Required(path);
        }
        else if (image.Trim() != image)
        {
            errors.Invalid(path, image, "must not have leading or trailing whitespace");
        }
    }

    private static void ValidateName(string name, string path, PodContext context)
    {
        if (name.Length == 0)
        {
            context.Errors.Required(path);
            return;
        }

        context.Errors.Invalid(path, name, NameRules.Label(name));
        if (!context.ContainerNames.Add(name))
        {
            context.Errors.Duplicate(path, name);
        }
    }

    private static void ForbidProbesAndHooks(Container container, string path, FieldErrors errors)
    {
        foreach ((object? value, string field) in new (object?, string)[]
        {
            (container.LivenessProbe, "livenessProbe"),
            (container.ReadinessProbe, "readinessProbe"),
            (container.StartupProbe, "startupProbe"),
            (container.Lifecycle, "lifecycle"),
        })
        {
            if (value is not null)
            {
                errors.Forbidden($"{path}.{field}", "may not be set for init containers without restartPolicy=Always");
            }
        }
    }

    private static void ValidatePolicy(string value, string path, FieldErrors errors, params ReadOnlySpan<string> supported)
    {
        if (value.Length == 0)
        {
            errors.Required(path);
        }
        else
        {
            errors.OneOf(path, value, supported);
        }
    }
}
