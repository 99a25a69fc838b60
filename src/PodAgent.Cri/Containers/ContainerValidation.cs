using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Containers;

/// <summary>What a container's configuration must be like before anything is made; names all problems at once.</summary>
internal static class ContainerValidation
{
    public static void Check(ContainerConfig? config, SandboxRecord sandbox)
    {
        if (config?.Metadata is not { Name.Length: > 0 })
        {
            throw new AgentException(ErrorKind.InvalidArgument, "config.metadata.name: required");
        }

        var problems = new List<string>();
        if (config.Metadata.Name.AsSpan().ContainsAny('/', '\0', '\n'))
        {
            problems.Add($"config.metadata.name: \"{config.Metadata.Name}\" cannot be part of a path");
        }

        if (config.Image is not { Image.Length: > 0 })
        {
            problems.Add("config.image.image: required");
        }

        LinuxContainerSecurityContext? security = config.Linux?.SecurityContext;
        if (security is { Privileged: true } && sandbox.Config.Linux?.SecurityContext is not { Privileged: true })
        {
            problems.Add("config.linux.security_context.privileged: the sandbox is not privileged");
        }

        if (config.StdinOnce && !config.Stdin)
        {
            problems.Add("config.stdin_once: needs stdin");
        }

        if (config.CDIDevices.Count > 0)
        {
            problems.Add("config.CDI_devices: not offered by this version");
        }

        Pid(problems, security?.NamespaceOptions, sandbox);
        problems.AddRange(MountPlan.Problems(config.Mounts, static path => Path.Exists(path)));
        if (problems.Count > 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, string.Join("; ", problems));
        }
    }

    private static void Pid(List<string> problems, NamespaceOption? options, SandboxRecord sandbox)
    {
        const string Field = "config.linux.security_context.namespace_options.pid";
        NamespaceMode mode = options?.Pid ?? NamespaceMode.Pod;
        if (mode == NamespaceMode.Pod && options is not null && sandbox.Namespaces.Pid != NamespaceMode.Pod)
        {
            problems.Add($"{Field}: POD, but the sandbox was made with {sandbox.Namespaces.Pid.ToString().ToUpperInvariant()}");
        }
        else if (mode == NamespaceMode.Target && options is not { TargetId.Length: > 0 })
        {
            problems.Add($"{Field}: TARGET needs target_id");
        }
    }
}
