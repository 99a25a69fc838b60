using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for a container's security context, and those it shares with the pod's.</summary>
internal static class SecurityContextValidation
{
    private static readonly HashSet<string> s_capabilities =
    [
        "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH",
        "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
        "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
        "ALL",
    ];

    public static void Validate(SecurityContext? security, string path, PodContext context)
    {
        if (security is null)
        {
            return;
        }

        FieldErrors errors = context.Errors;
        ValidateId(security.HasRunAsUser, security.RunAsUser, path + ".runAsUser", errors);
        ValidateId(security.HasRunAsGroup, security.RunAsGroup, path + ".runAsGroup", errors);
        ValidateSeccomp(security.SeccompProfile, path + ".seccompProfile", errors);
        ValidateAppArmor(security.AppArmorProfile, path + ".appArmorProfile", errors);
        RefuseWindows(security.WindowsOptions, path + ".windowsOptions", errors);
        ValidateCapabilities(security.Capabilities?.Add, path + ".capabilities.add", errors);
        ValidateCapabilities(security.Capabilities?.Drop, path + ".capabilities.drop", errors);
        if (security.HasProcMount && errors.OneOf(path + ".procMount", security.ProcMount, "Default", "Unmasked")
            && security.ProcMount == "Unmasked" && (!context.Spec.HasHostUsers || context.Spec.HostUsers))
        {
            errors.Invalid(path + ".procMount", security.ProcMount, "`hostUsers` must be false to use `Unmasked`");
        }

        if (security.HasAllowPrivilegeEscalation && !security.AllowPrivilegeEscalation)
        {
            ValidateNoEscalation(security, path, errors);
        }
    }

    public static void ValidateId(bool present, long id, string path, FieldErrors errors)
    {
        if (present)
        {
            errors.Invalid(path, id, NameRules.InRange(id, 0, int.MaxValue));
        }
    }

    public static void ValidateSeccomp(SeccompProfile? profile, string path, FieldErrors errors)
    {
        if (profile is not null)
        {
            ValidateProfile(profile.Type, profile.HasLocalhostProfile ? profile.LocalhostProfile : null, path, "seccomp", errors);
            if (profile.Type == "Localhost")
            {
                PathRules.Relative(profile.LocalhostProfile, path + ".localhostProfile", errors);
            }
        }
    }

    public static void ValidateAppArmor(AppArmorProfile? profile, string path, FieldErrors errors)
    {
        if (profile is not null)
        {
            ValidateProfile(profile.Type, profile.HasLocalhostProfile ? profile.LocalhostProfile : null, path, "AppArmor", errors);
        }
    }

    /// <summary>The field means nothing on Linux, and whoever set it believes in a protection that is not there.</summary>
    public static void RefuseWindows(WindowsSecurityContextOptions? options, string path, FieldErrors errors)
    {
        if (options is not null)
        {
            errors.Forbidden(path, "windows options cannot be set for a linux pod");
        }
    }

    private static void ValidateNoEscalation(SecurityContext security, string path, FieldErrors errors)
    {
        if (security.Privileged)
        {
            errors.Invalid(path, false, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }

        if (security.Capabilities?.Add.Any(name => Normalize(name) == "SYS_ADMIN") == true)
        {
            errors.Invalid(path, false, "cannot set `allowPrivilegeEscalation` to false and `capabilities.add` SYS_ADMIN");
        }
    }

    private static void ValidateCapabilities(IReadOnlyList<string>? names, string path, FieldErrors errors)
    {
        // The API server takes any text; a name that no kernel knows would only fail when the container is made.
        for (int index = 0; index < (names?.Count ?? 0); index++)
        {
            if (!s_capabilities.Contains(Normalize(names![index])))
            {
                errors.Invalid($"{path}[{index}]", names[index], "must be ALL or the name of a capability, such as NET_ADMIN");
            }
        }
    }

    private static string Normalize(string name)
    {
        string upper = name.ToUpperInvariant();
        return upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper["CAP_".Length..] : upper;
    }

    private static void ValidateProfile(string type, string? localhost, string path, string name, FieldErrors errors)
    {
        if (type.Length == 0)
        {
            errors.Required(path + ".type");
            return;
        }

        if (type == "Localhost")
        {
            if (string.IsNullOrWhiteSpace(localhost))
            {
                errors.Required(path + ".localhostProfile", $"must be set when {name} type is Localhost");
            }
        }
        else
        {
            if (localhost is not null)
            {
                errors.Invalid(path + ".localhostProfile", localhost, $"can only be set when {name} type is Localhost");
            }

            errors.OneOf(path + ".type", type, "Localhost", "RuntimeDefault", "Unconfined");
        }
    }
}
