using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for the pod's own security context and for the namespaces it shares with the node.</summary>
internal static class PodSecurityValidation
{
    public static void Validate(PodSpec spec, FieldErrors errors)
    {
        ValidateNamespaces(spec, errors);
        if (spec.SecurityContext is not { } security)
        {
            return;
        }

        const string Path = "spec.securityContext";
        SecurityContextValidation.ValidateId(security.HasRunAsUser, security.RunAsUser, Path + ".runAsUser", errors);
        SecurityContextValidation.ValidateId(security.HasRunAsGroup, security.RunAsGroup, Path + ".runAsGroup", errors);
        SecurityContextValidation.ValidateId(security.HasFsGroup, security.FsGroup, Path + ".fsGroup", errors);
        for (int index = 0; index < security.SupplementalGroups.Count; index++)
        {
            SecurityContextValidation.ValidateId(true, security.SupplementalGroups[index], $"{Path}.supplementalGroups[{index}]", errors);
        }

        if (security.HasSupplementalGroupsPolicy)
        {
            errors.OneOf(Path + ".supplementalGroupsPolicy", security.SupplementalGroupsPolicy, "Merge", "Strict");
        }

        if (security.HasFsGroupChangePolicy)
        {
            errors.OneOf(Path + ".fsGroupChangePolicy", security.FsGroupChangePolicy, "Always", "OnRootMismatch");
        }

        if (security.HasSeLinuxChangePolicy)
        {
            errors.OneOf(Path + ".seLinuxChangePolicy", security.SeLinuxChangePolicy, "MountOption", "Recursive");
        }

        SecurityContextValidation.ValidateSeccomp(security.SeccompProfile, Path + ".seccompProfile", errors);
        SecurityContextValidation.ValidateAppArmor(security.AppArmorProfile, Path + ".appArmorProfile", errors);
        SecurityContextValidation.RefuseWindows(security.WindowsOptions, Path + ".windowsOptions", errors);
        SysctlValidation.Validate(security.Sysctls, Path + ".sysctls", spec, errors);
    }

    private static void ValidateNamespaces(PodSpec spec, FieldErrors errors)
    {
        if (spec.ShareProcessNamespace && spec.HostPID)
        {
            errors.Invalid("spec.shareProcessNamespace", true, "`shareProcessNamespace` and `hostPID` cannot both be enabled");
        }

        if (spec is not { HasHostUsers: true, HostUsers: false })
        {
            return;
        }

        // A user namespace of its own owns none of the node's other namespaces.
        foreach ((bool set, string field) in new[] { (spec.HostNetwork, "hostNetwork"), (spec.HostPID, "hostPID"), (spec.HostIPC, "hostIPC") })
        {
            if (set)
            {
                errors.Forbidden($"spec.{field}", "may not be set when `hostUsers` is false");
            }
        }
    }
}
