using System.Globalization;
using System.Text;
using Google.Protobuf;
using PodAgent.Api.Json;
using PodAgent.Linux.Files;
using PodAgent.Pods.Actions;
using PodAgent.Pods.Runtime;
using PodAgent.Pods.Volumes;

namespace PodAgent.Pods.Config;

/// <summary>All that one attempt of a container depends on.</summary>
internal sealed record ContainerPlan
{
    public required Core.Pod Pod { get; init; }

    public required Core.Container Container { get; init; }

    public required uint Attempt { get; init; }

    public required IReadOnlyList<string> PodIps { get; init; }

    public required Cri.ImageSpec Image { get; init; }

    public long? ImageUid { get; init; }

    public string ImageUser { get; init; } = "";

    /// <summary>Host paths of the pod's volumes by name.</summary>
    public required IReadOnlyDictionary<string, PreparedVolume> Volumes { get; init; }
}

/// <summary>Describes a container to the runtime. Writes nothing but the files that it mounts.</summary>
internal sealed class ContainerConfigFactory
{
    private readonly PodEngineOptions _options;
    private readonly PodDirectories _directories;
    private readonly NodeFacts _node;
    private readonly SubPaths _subPaths;
    private readonly UserNamespaceRanges _users;
    private readonly SecurityOptions _security;

    public ContainerConfigFactory(PodEngineOptions options, PodDirectories directories, NodeFacts node, SubPaths subPaths, UserNamespaceRanges users)
    {
        _options = options;
        _directories = directories;
        _node = node;
        _subPaths = subPaths;
        _users = users;
        _security = new SecurityOptions(options.SeccompDefault, options.SeccompDirectory);
    }

    /// <exception cref="ContainerConfigException">The pod asks for something that does not exist or must not be.</exception>
    public Cri.ContainerConfig Build(ContainerPlan plan)
    {
        (Core.Pod pod, Core.Container container) = (plan.Pod, plan.Container);
        IReadOnlyList<KeyValuePair<string, string>> environment = EnvironmentBuilder.Build(pod, container, plan.PodIps, _node);
        Dictionary<string, string> variables = environment.ToDictionary(StringComparer.Ordinal);

        Cri.ContainerConfig config = new()
        {
            Metadata = new Cri.ContainerMetadata { Name = container.Name, Attempt = plan.Attempt },
            Image = plan.Image,
            WorkingDir = container.WorkingDir,
            LogPath = PodDirectories.LogPath(container.Name, plan.Attempt),
            Stdin = container.Stdin,
            StdinOnce = container.StdinOnce,
            Tty = container.Tty,
            StopSignal = StopSignals.Parse(container.Lifecycle?.StopSignal),
            Linux = new Cri.LinuxContainerConfig
            {
                Resources = LinuxResources.OfContainer(pod, container, _node),
                SecurityContext = ContainerSecurity.Build(pod, container, plan.ImageUid, plan.ImageUser, _security),
            },
        };
        config.Command.AddRange(container.Command.Select(c => Expansion.Expand(c, variables)));
        config.Args.AddRange(container.Args.Select(a => Expansion.Expand(a, variables)));
        config.Envs.AddRange(environment.Select(e => new Cri.KeyValue { Key = e.Key, Value = ByteString.CopyFromUtf8(e.Value) }));
        AddLabels(config, plan);
        AddMounts(config, plan, variables);
        config.Linux.SecurityContext.NamespaceOptions.UsernsOptions = _users.Of(pod);
        _users.Map(pod, config);
        return config;
    }

    private void AddLabels(Cri.ContainerConfig config, ContainerPlan plan)
    {
        (Core.Pod pod, Core.Container container) = (plan.Pod, plan.Container);
        config.Labels[RuntimeLabels.PodName] = pod.Metadata.Name;
        config.Labels[RuntimeLabels.PodNamespace] = pod.Metadata.Namespace;
        config.Labels[RuntimeLabels.PodUid] = pod.Metadata.Uid;
        config.Labels[RuntimeLabels.ContainerName] = container.Name;
        config.Labels[RuntimeLabels.Engine] = _options.EngineName;
        config.Annotations[RuntimeLabels.ContainerHash] = ContainerHash.Of(container);
        config.Annotations[RuntimeLabels.ContainerRestartCount] = plan.Attempt.ToString(CultureInfo.InvariantCulture);
        config.Annotations[RuntimeLabels.TerminationMessagePath] = container.TerminationMessagePath;
        config.Annotations[RuntimeLabels.TerminationMessagePolicy] = container.TerminationMessagePolicy;
        config.Annotations[RuntimeLabels.PodTerminationGracePeriod] = $"{(long)pod.Spec.GracePeriod().TotalSeconds}";
        if (container.Lifecycle?.PreStop is { } preStop)
        {
            // So that a container whose pod is forgotten can still be asked politely.
            config.Annotations[RuntimeLabels.PreStopHandler] = KubernetesJson.Write(preStop);
        }
    }

    private void AddMounts(Cri.ContainerConfig config, ContainerPlan plan, IReadOnlyDictionary<string, string> variables)
    {
        (Core.Pod pod, Core.Container container) = (plan.Pod, plan.Container);
        for (int i = 0; i < container.VolumeMounts.Count; i++)
        {
            Core.VolumeMount mount = container.VolumeMounts[i];
            if (!plan.Volumes.TryGetValue(mount.Name, out PreparedVolume? volume))
            {
                throw new ContainerConfigException($"cannot find volume \"{mount.Name}\" to mount into container \"{container.Name}\"");
            }

            string subPath = mount.HasSubPathExpr && mount.SubPathExpr.Length > 0 ? ExpandStrictly(mount.SubPathExpr, variables) : mount.SubPath;
            string hostPath = subPath.Length == 0
                ? volume.HostPath
                : _subPaths.Prepare(pod.Metadata.Uid, container.Name, i, volume.HostPath, subPath);
            config.Mounts.Add(new Cri.Mount
            {
                HostPath = hostPath,
                ContainerPath = mount.MountPath.StartsWith('/') ? mount.MountPath : "/" + mount.MountPath,
                Readonly = mount.ReadOnly || volume.ReadOnly,
                RecursiveReadOnly = mount.ReadOnly && mount.RecursiveReadOnly is "Enabled" or "IfPossible",
                Propagation = mount.MountPropagation switch
                {
                    "HostToContainer" => Cri.MountPropagation.PropagationHostToContainer,
                    "Bidirectional" => Cri.MountPropagation.PropagationBidirectional,
                    _ => Cri.MountPropagation.PropagationPrivate,
                },
            });
        }

        if (config.Mounts.All(m => m.ContainerPath != "/etc/hosts"))
        {
            config.Mounts.Add(new Cri.Mount { HostPath = WriteHosts(plan), ContainerPath = "/etc/hosts" });
        }

        string messagePath = container.TerminationMessagePath;
        if (messagePath.Length > 0)
        {
            string file = _directories.TerminationLog(pod.Metadata.Uid, container.Name, plan.Attempt);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, []);
            // The workload may be any user; what it writes is only ever read back as text of limited length.
            FileTree.SetPermissions(file, 0b110_110_110);
            config.Annotations[RuntimeLabels.TerminationLog] = file;
            config.Mounts.Add(new Cri.Mount { HostPath = file, ContainerPath = messagePath });
        }
    }

    private string WriteHosts(ContainerPlan plan)
    {
        string file = _directories.HostsFile(plan.Pod.Metadata.Uid);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string text = HostsText.Build(
            plan.Pod,
            plan.PodIps,
            Hostname.Of(plan.Pod),
            Hostname.Domain(plan.Pod, _options.ClusterDomain),
            plan.Pod.Spec.HostNetwork ? SandboxConfigFactory.ReadHostFile(_options.HostsFile) : "");
        // In place: running containers have this very inode mounted.
        if (!HasContent(file, Encoding.UTF8.GetBytes(text)))
        {
            File.WriteAllText(file, text);
        }

        return file;
    }

    // Containers may write to it: of what they made of it no more is read than there should be.
    private static bool HasContent(string file, byte[] expected)
    {
        using FileStream? stream = File.Exists(file) ? File.OpenRead(file) : null;
        byte[] content = new byte[expected.Length];
        return stream is not null && stream.Length == expected.Length
            && stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) == content.Length && content.AsSpan().SequenceEqual(expected);
    }

    // A subPathExpr with an unknown name must not silently become a directory called "$(POD)".
    private static string ExpandStrictly(string text, IReadOnlyDictionary<string, string> variables)
    {
        string expanded = Expansion.Expand(text, variables);
        return expanded.Contains("$(", StringComparison.Ordinal)
            ? throw new ContainerConfigException($"missing value for subPathExpr \"{text}\"")
            : expanded;
    }
}
