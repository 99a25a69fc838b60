using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Config;

/// <summary>Describes a pod's sandbox to the runtime.</summary>
internal sealed class SandboxConfigFactory
{
    private readonly PodEngineOptions _options;
    private readonly PodDirectories _directories;
    private readonly UserNamespaceRanges _users;
    private readonly PodCgroups _cgroups;

    public SandboxConfigFactory(PodEngineOptions options, PodDirectories directories, UserNamespaceRanges users, PodCgroups cgroups)
    {
        _options = options;
        _cgroups = cgroups;
        _directories = directories;
        _users = users;
    }

    /// <param name="pod">The pod.</param>
    /// <param name="attempt">The sandbox's number.</param>
    public Cri.PodSandboxConfig Build(Core.Pod pod, uint attempt)
    {
        Core.PodSpec spec = pod.Spec;
        Cri.PodSandboxConfig config = new()
        {
            Metadata = new Cri.PodSandboxMetadata
            {
                Name = pod.Metadata.Name,
                Namespace = pod.Metadata.Namespace,
                Uid = pod.Metadata.Uid,
                Attempt = attempt,
            },
            LogDirectory = _directories.LogsOf(pod),
            DnsConfig = PodDns.Build(pod, ReadHostFile(_options.ResolvConf), _options.ClusterDns, _options.ClusterDomain),
            Linux = new Cri.LinuxPodSandboxConfig
            {
                CgroupParent = _cgroups.ParentOf(pod),
                Resources = LinuxResources.OfPod(pod),
                SecurityContext = SecurityContext(spec),
            },
        };
        config.Linux.SecurityContext.NamespaceOptions.UsernsOptions = _users.Of(pod);
        if (!spec.HostNetwork)
        {
            config.Hostname = Hostname.Of(pod);
            AddPorts(config, spec);
        }

        config.Labels.Add(pod.Metadata.Labels);
        config.Labels[RuntimeLabels.PodName] = pod.Metadata.Name;
        config.Labels[RuntimeLabels.PodNamespace] = pod.Metadata.Namespace;
        config.Labels[RuntimeLabels.PodUid] = pod.Metadata.Uid;
        config.Labels[RuntimeLabels.Engine] = _options.EngineName;
        config.Annotations.Add(pod.Metadata.Annotations);
        config.Annotations[RuntimeLabels.PodTerminationGracePeriod] = $"{(long)spec.GracePeriod().TotalSeconds}";
        foreach (Core.Sysctl sysctl in spec.SecurityContext?.Sysctls.AsEnumerable() ?? [])
        {
            config.Linux.Sysctls[sysctl.Name] = sysctl.Value;
        }

        return config;
    }

    private static Cri.LinuxSandboxSecurityContext SecurityContext(Core.PodSpec spec)
    {
        Core.PodSecurityContext context = spec.SecurityContext ?? new Core.PodSecurityContext();
        Cri.LinuxSandboxSecurityContext result = new()
        {
            NamespaceOptions = ContainerSecurity.Namespaces(spec),
            Privileged = spec.Containers.Concat(spec.InitContainers).Any(c => c.SecurityContext?.Privileged ?? false),
            // The pause process is the runtime's own program: the runtime's filter always fits it.
            Seccomp = new Cri.SecurityProfile { ProfileType = Cri.SecurityProfile.Types.ProfileType.RuntimeDefault },
        };
        if (context.HasRunAsUser)
        {
            result.RunAsUser = new Cri.Int64Value { Value = context.RunAsUser };
        }

        if (context.HasRunAsGroup && context.HasRunAsUser)
        {
            result.RunAsGroup = new Cri.Int64Value { Value = context.RunAsGroup };
        }

        if (context.HasFsGroup)
        {
            result.SupplementalGroups.Add(context.FsGroup);
        }

        result.SupplementalGroups.AddRange(context.SupplementalGroups);
        if (context.SeLinuxOptions is { } selinux)
        {
            result.SelinuxOptions = new Cri.SELinuxOption { User = selinux.User, Role = selinux.Role, Type = selinux.Type, Level = selinux.Level };
        }

        return result;
    }

    private static void AddPorts(Cri.PodSandboxConfig config, Core.PodSpec spec)
    {
        foreach (Core.ContainerPort port in spec.InitContainers.Where(c => c.IsSidecar()).Concat(spec.Containers).SelectMany(c => c.Ports))
        {
            if (port.HostPort == 0)
            {
                continue;
            }

            config.PortMappings.Add(new Cri.PortMapping
            {
                Protocol = port.Protocol switch
                {
                    "UDP" => Cri.Protocol.Udp,
                    "SCTP" => Cri.Protocol.Sctp,
                    _ => Cri.Protocol.Tcp,
                },
                ContainerPort = port.ContainerPort_,
                HostPort = port.HostPort,
                HostIp = port.HostIP,
            });
        }
    }

    internal static string ReadHostFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A node without the file has nothing to hand on.
            return "";
        }
    }
}
