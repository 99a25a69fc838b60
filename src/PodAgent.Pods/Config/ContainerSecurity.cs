namespace PodAgent.Pods.Config;

/// <summary>The container's security context: its own fields over the pod's, in CRI's terms.</summary>
internal static class ContainerSecurity
{
    // What came before the field; manifests still carry it. It yields to the container's field and wins over the pod's, as in the kubelet.
    private const string AppArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";

    /// <param name="pod">The pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="imageUid">The image's numeric user; null when it names one or none.</param>
    /// <param name="imageUser">The image's user by name.</param>
    /// <param name="options">Seccomp defaults.</param>
    /// <exception cref="ContainerConfigException">The container must not run as root and would, or nobody can tell.</exception>
    public static Cri.LinuxContainerSecurityContext Build(
        Core.Pod pod, Core.Container container, long? imageUid, string imageUser, SecurityOptions options)
    {
        Core.PodSecurityContext podContext = pod.Spec.SecurityContext ?? new Core.PodSecurityContext();
        Core.SecurityContext own = container.SecurityContext ?? new Core.SecurityContext();
        long? user = own.HasRunAsUser ? own.RunAsUser : podContext.HasRunAsUser ? podContext.RunAsUser : null;
        long? group = own.HasRunAsGroup ? own.RunAsGroup : podContext.HasRunAsGroup ? podContext.RunAsGroup : null;
        bool nonRoot = own.HasRunAsNonRoot ? own.RunAsNonRoot : podContext.RunAsNonRoot;
        VerifyNonRoot(pod, container, nonRoot, user, imageUid, imageUser);

        bool privileged = own.Privileged;
        Cri.LinuxContainerSecurityContext result = new()
        {
            Privileged = privileged,
            ReadonlyRootfs = own.ReadOnlyRootFilesystem,
            // Absent means allowed; privileged containers and CAP_SYS_ADMIN cannot give it up (validation refuses the pair).
            NoNewPrivs = own.HasAllowPrivilegeEscalation && !own.AllowPrivilegeEscalation,
            NamespaceOptions = Namespaces(pod.Spec),
            Capabilities = new Cri.Capability(),
            Seccomp = Seccomp(own.SeccompProfile ?? podContext.SeccompProfile, privileged, options),
            SupplementalGroupsPolicy = podContext.SupplementalGroupsPolicy == "Strict"
                ? Cri.SupplementalGroupsPolicy.Strict
                : Cri.SupplementalGroupsPolicy.Merge,
        };
        result.Capabilities.AddCapabilities.AddRange(own.Capabilities?.Add.AsEnumerable() ?? []);
        result.Capabilities.DropCapabilities.AddRange(own.Capabilities?.Drop.AsEnumerable() ?? []);
        SetIdentity(result, podContext, user ?? imageUid, imageUser, group);
        if ((own.SeLinuxOptions ?? podContext.SeLinuxOptions) is { } selinux)
        {
            result.SelinuxOptions = new Cri.SELinuxOption { User = selinux.User, Role = selinux.Role, Type = selinux.Type, Level = selinux.Level };
        }

        result.Apparmor = AppArmor(pod, container.Name, own, podContext);
        if (!privileged && own.ProcMount != "Unmasked")
        {
            result.MaskedPaths.AddRange(ProcPaths.Masked);
            result.ReadonlyPaths.AddRange(ProcPaths.ReadOnly);
        }

        return result;
    }

    public static Cri.NamespaceOption Namespaces(Core.PodSpec spec) => new()
    {
        Network = spec.HostNetwork ? Cri.NamespaceMode.Node : Cri.NamespaceMode.Pod,
        Ipc = spec.HostIPC ? Cri.NamespaceMode.Node : Cri.NamespaceMode.Pod,
        Pid = spec.HostPID ? Cri.NamespaceMode.Node : spec.ShareProcessNamespace ? Cri.NamespaceMode.Pod : Cri.NamespaceMode.Container,
    };

    internal static Cri.SecurityProfile Seccomp(Core.SeccompProfile? profile, bool privileged, SecurityOptions options)
    {
        if (profile is null || privileged)
        {
            bool on = options.SeccompDefault && !privileged;
            return new Cri.SecurityProfile
            {
                ProfileType = on ? Cri.SecurityProfile.Types.ProfileType.RuntimeDefault : Cri.SecurityProfile.Types.ProfileType.Unconfined,
            };
        }

        if (profile.Type != "Localhost")
        {
            return Profile(profile.Type, "");
        }

        // Never Unconfined by a slip: an empty or escaping path is an error (CVE-2023-2431).
        string name = profile.LocalhostProfile;
        if (name.Length == 0 || name.StartsWith('/') || name.Split('/').Contains(".."))
        {
            throw new ContainerConfigException($"localhost seccomp profile \"{name}\" must be a path below {options.SeccompDirectory}");
        }

        return Profile("Localhost", Path.Combine(options.SeccompDirectory, name));
    }

    private static void SetIdentity(
        Cri.LinuxContainerSecurityContext result, Core.PodSecurityContext podContext, long? user, string imageUser, long? group)
    {
        if (user is { } uid)
        {
            result.RunAsUser = new Cri.Int64Value { Value = uid };
        }
        else if (imageUser.Length > 0)
        {
            result.RunAsUsername = imageUser;
        }

        if (group is { } gid)
        {
            result.RunAsGroup = new Cri.Int64Value { Value = gid };
        }

        if (podContext.HasFsGroup)
        {
            result.SupplementalGroups.Add(podContext.FsGroup);
        }

        result.SupplementalGroups.AddRange(podContext.SupplementalGroups);
    }

    private static Cri.SecurityProfile? AppArmor(Core.Pod pod, string container, Core.SecurityContext own, Core.PodSecurityContext podContext)
    {
        if (own.AppArmorProfile is { } ownProfile)
        {
            return Profile(ownProfile.Type, ownProfile.LocalhostProfile);
        }

        if (pod.Metadata?.Annotations.TryGetValue(AppArmorAnnotation + container, out string? annotation) == true)
        {
            return AnnotatedAppArmor(container, annotation);
        }

        return podContext.AppArmorProfile is { } podProfile ? Profile(podProfile.Type, podProfile.LocalhostProfile) : null;
    }

    private static Cri.SecurityProfile AnnotatedAppArmor(string container, string value) => value switch
    {
        "runtime/default" => Profile("RuntimeDefault", ""),
        "unconfined" => Profile("Unconfined", ""),
        _ when value.StartsWith("localhost/", StringComparison.Ordinal) => Profile("Localhost", value["localhost/".Length..]),
        _ => throw new ContainerConfigException(
            $"annotation \"{AppArmorAnnotation}{container}\": \"{value}\" is none of \"runtime/default\", \"localhost/PROFILE\", \"unconfined\""),
    };

    private static Cri.SecurityProfile Profile(string type, string reference) => new()
    {
        ProfileType = type switch
        {
            "Localhost" => Cri.SecurityProfile.Types.ProfileType.Localhost,
            "Unconfined" => Cri.SecurityProfile.Types.ProfileType.Unconfined,
            _ => Cri.SecurityProfile.Types.ProfileType.RuntimeDefault,
        },
        LocalhostRef = type == "Localhost" ? reference : "",
    };

    private static void VerifyNonRoot(Core.Pod pod, Core.Container container, bool nonRoot, long? user, long? imageUid, string imageUser)
    {
        if (!nonRoot)
        {
            return;
        }

        string place = $"(pod: \"{PodText.Format(pod)}\", container: {container.Name})";
        switch (user)
        {
            case 0:
                throw new ContainerConfigException($"container's runAsUser breaks non-root policy {place}");
            case not null:
                return;
            default:
                break;
        }

        if (imageUid is null && imageUser.Length > 0)
        {
            throw new ContainerConfigException(
                $"container has runAsNonRoot and image has non-numeric user ({imageUser}), cannot verify user is non-root {place}");
        }

        if (imageUid is null or 0)
        {
            throw new ContainerConfigException($"container has runAsNonRoot and image will run as root {place}");
        }
    }
}
