using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for a pod's spec outside of its containers and volumes.</summary>
internal static class PodSpecValidation
{
    private const int HostnameOverrideLength = 64;

    public static void Validate(PodSpec spec, FieldErrors errors)
    {
        PodContext context = new(spec, errors);
        VolumeValidation.Validate(spec.Volumes, "spec.volumes", errors);
        ValidateContainers(context);
        ValidateLifetime(spec, errors);
        errors.OneOf("spec.dnsPolicy", spec.DnsPolicy, "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");
        PodSecurityValidation.Validate(spec, errors);
        ObjectMetaValidation.ValidateLabels(spec.NodeSelector, "spec.nodeSelector", errors);
        ValidateNames(spec, errors);
        ValidateHostname(spec, errors);
        DnsValidation.Validate(spec, errors);
        TolerationValidation.Validate(spec.Tolerations, "spec.tolerations", errors);
        ValidateHostAliases(spec, errors);
        ValidateGates(spec, errors);
        if (spec.Resources is not null)
        {
            ResourceValidation.ValidatePod(context);
        }

        ResourceValidation.ValidateQuantities(spec.Overhead, "spec.overhead", errors);
    }

    private static void ValidateContainers(PodContext context)
    {
        PodSpec spec = context.Spec;
        HashSet<string> hostPorts = new(StringComparer.Ordinal);
        for (int index = 0; index < spec.InitContainers.Count; index++)
        {
            Container container = spec.InitContainers[index];
            ContainerRole role = container.RestartPolicy == "Always" ? ContainerRole.Sidecar : ContainerRole.Init;
            // Init containers run one after the other, so only those that stay can be in each other's way.
            HashSet<string> taken = role == ContainerRole.Sidecar ? hostPorts : new HashSet<string>(StringComparer.Ordinal);
            ContainerValidation.Validate(container, $"spec.initContainers[{index}]", role, context, taken);
        }

        if (spec.Containers.Count == 0)
        {
            context.Errors.Required("spec.containers");
        }

        for (int index = 0; index < spec.Containers.Count; index++)
        {
            ContainerValidation.Validate(spec.Containers[index], $"spec.containers[{index}]", ContainerRole.Regular, context, hostPorts);
        }

        for (int index = 0; index < spec.EphemeralContainers.Count; index++)
        {
            EphemeralContainerValidation.Validate(spec.EphemeralContainers[index], $"spec.ephemeralContainers[{index}]", context);
        }
    }

    private static void ValidateLifetime(PodSpec spec, FieldErrors errors)
    {
        if (spec.RestartPolicy.Length == 0)
        {
            errors.Required("spec.restartPolicy");
        }
        else
        {
            errors.OneOf("spec.restartPolicy", spec.RestartPolicy, "Always", "Never", "OnFailure");
        }

        if (!spec.HasTerminationGracePeriodSeconds)
        {
            errors.Required("spec.terminationGracePeriodSeconds");
        }
        else
        {
            errors.NotNegative("spec.terminationGracePeriodSeconds", spec.TerminationGracePeriodSeconds);
        }

        if (spec.HasActiveDeadlineSeconds)
        {
            errors.Invalid("spec.activeDeadlineSeconds", spec.ActiveDeadlineSeconds, NameRules.InRange(spec.ActiveDeadlineSeconds, 1, int.MaxValue));
        }
    }

    private static void ValidateNames(PodSpec spec, FieldErrors errors)
    {
        CheckOptional("spec.serviceAccountName", spec.ServiceAccountName, NameRules.Subdomain, errors);
        CheckOptional("spec.nodeName", spec.NodeName, NameRules.Subdomain, errors);
        CheckOptional("spec.runtimeClassName", spec.RuntimeClassName, NameRules.Subdomain, errors);
        CheckOptional("spec.priorityClassName", spec.PriorityClassName, NameRules.Subdomain, errors);
        CheckOptional("spec.schedulerName", spec.SchedulerName, NameRules.QualifiedName, errors);
        if (spec.HasPreemptionPolicy)
        {
            errors.OneOf("spec.preemptionPolicy", spec.PreemptionPolicy, "Never", "PreemptLowerPriority");
        }

        if (spec.Os is not null && errors.OneOf("spec.os.name", spec.Os.Name, "linux", "windows") && spec.Os.Name == "windows")
        {
            foreach ((bool set, string field) in new[]
            {
                (spec.HostPID, "hostPID"), (spec.HostIPC, "hostIPC"), (spec.ShareProcessNamespace, "shareProcessNamespace"),
            })
            {
                if (set)
                {
                    errors.Forbidden($"spec.{field}", "cannot be set for a windows pod");
                }
            }
        }

        HashSet<string> claims = new(StringComparer.Ordinal);
        for (int index = 0; index < spec.ResourceClaims.Count; index++)
        {
            ValidateClaim(spec.ResourceClaims[index], $"spec.resourceClaims[{index}]", claims, errors);
        }
    }

    private static void ValidateClaim(PodResourceClaim claim, string path, HashSet<string> seen, FieldErrors errors)
    {
        if (claim.Name.Length == 0)
        {
            errors.Required(path + ".name");
        }
        else
        {
            errors.Invalid(path + ".name", claim.Name, NameRules.Label(claim.Name));
            if (!seen.Add(claim.Name))
            {
                errors.Duplicate(path + ".name", claim.Name);
            }
        }

        if (claim.HasResourceClaimName == claim.HasResourceClaimTemplateName)
        {
            errors.Invalid(path, claim.Name, "must specify exactly one of `resourceClaimName` and `resourceClaimTemplateName`");
        }
    }

    private static void ValidateHostname(PodSpec spec, FieldErrors errors)
    {
        CheckOptional("spec.hostname", spec.Hostname, NameRules.Label, errors);
        CheckOptional("spec.subdomain", spec.Subdomain, NameRules.Label, errors);
        if (!spec.HasHostnameOverride)
        {
            return;
        }

        const string Path = "spec.hostnameOverride";
        errors.Invalid(Path, spec.HostnameOverride, NameRules.Subdomain(spec.HostnameOverride));
        if (spec.HostnameOverride.Length > HostnameOverrideLength)
        {
            errors.TooLong(Path, HostnameOverrideLength);
        }

        if (spec.SetHostnameAsFQDN)
        {
            errors.Forbidden(Path, "may not be set when `setHostnameAsFQDN` is true");
        }

        if (spec.HostNetwork)
        {
            errors.Forbidden(Path, "may not be set when `hostNetwork` is true");
        }
    }

    private static void ValidateHostAliases(PodSpec spec, FieldErrors errors)
    {
        for (int index = 0; index < spec.HostAliases.Count; index++)
        {
            HostAlias alias = spec.HostAliases[index];
            string path = $"spec.hostAliases[{index}]";
            errors.Invalid(path + ".ip", alias.Ip, NameRules.IpAddress(alias.Ip));
            for (int name = 0; name < alias.Hostnames.Count; name++)
            {
                errors.Invalid($"{path}.hostnames[{name}]", alias.Hostnames[name], NameRules.Subdomain(alias.Hostnames[name]));
            }
        }
    }

    private static void ValidateGates(PodSpec spec, FieldErrors errors)
    {
        for (int index = 0; index < spec.ReadinessGates.Count; index++)
        {
            string type = spec.ReadinessGates[index].ConditionType;
            errors.Invalid($"spec.readinessGates[{index}].conditionType", type, NameRules.QualifiedName(type));
        }

        HashSet<string> gates = new(StringComparer.Ordinal);
        for (int index = 0; index < spec.SchedulingGates.Count; index++)
        {
            string name = spec.SchedulingGates[index].Name;
            errors.Invalid($"spec.schedulingGates[{index}]", name, NameRules.QualifiedName(name));
            if (!gates.Add(name))
            {
                errors.Duplicate($"spec.schedulingGates[{index}]", name);
            }
        }
    }

    private static void CheckOptional(string path, string value, Func<string, List<string>> rule, FieldErrors errors)
    {
        if (value.Length > 0)
        {
            errors.Invalid(path, value, rule(value));
        }
    }
}
