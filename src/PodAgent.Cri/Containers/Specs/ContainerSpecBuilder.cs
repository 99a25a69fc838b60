using PodAgent.Api.Cri;
using PodAgent.Containers.Specs;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Sandboxes;
using PodAgent.Images.Configs;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>
/// Turns a container's configuration, its image and its pod into what the supervisor is asked to start. Everything that touches the
/// machine has happened before; this only decides.
/// </summary>
internal static class ContainerSpecBuilder
{
    public static Wire.ContainerSpec Build(ContainerSpecInput input, ISecurityProfiles profiles)
    {
        ContainerConfig config = input.Config;
        LinuxContainerSecurityContext? security = config.Linux?.SecurityContext;
        bool privileged = security?.Privileged ?? false;
        bool readOnlyRootfs = security?.ReadonlyRootfs ?? false;
        NamespaceOption pod = input.Sandbox.Namespaces;
        var spec = new Wire.ContainerSpec
        {
            Id = input.Id,
            Process = Process(input, profiles),
            RootfsFd = 0,
            ReadonlyRootfs = readOnlyRootfs,
            PidMode = (security?.NamespaceOptions?.Pid ?? pod.Pid) switch
            {
                NamespaceMode.Pod => Wire.PidMode.PidPod,
                NamespaceMode.Container => Wire.PidMode.PidContainer,
                NamespaceMode.Node => Wire.PidMode.PidHost,
                NamespaceMode.Target => Wire.PidMode.PidTarget,
                var other => throw new ArgumentOutOfRangeException(nameof(input), $"pid mode {other}"),
            },
            PidTarget = input.PidTarget,
            CgroupPaths = { input.CgroupPaths },
            Stdin = config.Stdin,
            StdinOnce = config.StdinOnce,
            LogPath = input.LogPath,
            RootPropagation = MountPlan.RootPropagation(config.Mounts),
            Mounts =
            {
                MountPlan.Build(
                    DefaultSpec.Mounts(new DefaultMountOptions
                    {
                        Privileged = privileged,
                        HostIpc = pod.Ipc == NamespaceMode.Node,
                        ShmDirectory = SandboxFiles.SharedMemory(input.SandboxDirectory),
                    }),
                    input.SandboxDirectory, readOnlyRootfs, input.ImageVolumes, input.Cdi.Mounts, config.Mounts,
                    [.. input.VolumeImages.Select(image => image.Id)], static path => Path.Exists(path)),
            },
            Devices = { input.Devices.Select(granted => granted.Device) },
        };
        if (!privileged)
        {
            // An empty list in a security context is a decision too: procMount Unmasked.
            spec.MaskedPaths.Add(security is null ? DefaultSpec.MaskedPaths : security.MaskedPaths);
            spec.ReadonlyPaths.Add(security is null ? DefaultSpec.ReadonlyPaths : security.ReadonlyPaths);
        }

        Privileges.Apply(spec.Process, security, profiles);
        return spec;
    }

    private static Wire.ProcessSpec Process(ContainerSpecInput input, ISecurityProfiles profiles)
    {
        ContainerConfig config = input.Config;
        ImageConfig image = input.Image.Config;
        var process = new Wire.ProcessSpec
        {
            Args = { CommandLine.Merge(image.Entrypoint, image.Cmd, config.Command, config.Args) },
            Env = { Environment(input) },
            WorkingDir = config.WorkingDir.Length > 0 ? config.WorkingDir : image.WorkingDir.Length > 0 ? image.WorkingDir : "/",
            Uid = input.Identity.User.Uid,
            Gid = input.Identity.User.Gid,
            AdditionalGids = { input.Identity.Groups.Union(input.Cdi.Groups) },
            Tty = config.Tty,
        };
        if (config.Linux?.Resources is { } resources)
        {
            process.OomScoreAdj = profiles.ClampOomScore(resources.OomScoreAdj);
        }

        return process;
    }

    private static IReadOnlyList<string> Environment(ContainerSpecInput input)
    {
        var own = new List<string> { EnvironmentVariables.DefaultPath, $"HOSTNAME={input.Hostname}" };
        if (input.Config.Tty)
        {
            own.Add("TERM=xterm");
        }

        own.Add($"HOME={input.Identity.User.Home}");
        return EnvironmentVariables.Merge(
            own, input.Image.Config.Env, input.Config.Envs.Select(variable => $"{variable.Key}={variable.Value.ToStringUtf8()}"), input.Cdi.Environment);
    }
}
