using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Sandboxes;
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

        Known(problems, "config.stop_signal", config.StopSignal);
        Known(problems, "config.linux.security_context.supplemental_groups_policy", security?.SupplementalGroupsPolicy ?? SupplementalGroupsPolicy.Merge);
        Known(problems, "config.linux.security_context.namespace_options.pid", security?.NamespaceOptions?.Pid ?? NamespaceMode.Pod);
        problems.AddRange(ProcessProblems(config, security));
        if (!UserNamespaceOptions.Agree(security?.NamespaceOptions, sandbox.Namespaces))
        {
            problems.Add("config.linux.security_context.namespace_options.userns_options: not those that the sandbox was made with");
        }

        Pid(problems, security?.NamespaceOptions, sandbox);
        problems.AddRange(MountValidation.Problems(config.Mounts, sandbox.Namespaces, static path => Path.Exists(path)));
        if (problems.Count > 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, string.Join("; ", problems));
        }
    }

    private static void Known<T>(List<string> problems, string field, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            problems.Add($"{field}: {value} is not known");
        }
    }

    // What the kernel takes as a string that ends with NUL cannot contain one.
    private static IEnumerable<string> ProcessProblems(ContainerConfig config, LinuxContainerSecurityContext? security)
    {
        if (config.WorkingDir.Length > 0 && !IsPath(config.WorkingDir))
        {
            yield return $"config.working_dir: \"{config.WorkingDir}\" is not an absolute path";
        }

        if (config.Command.Concat(config.Args).Any(argument => argument.Contains('\0')))
        {
            yield return "config.command, config.args: an argument contains NUL";
        }

        foreach (KeyValue variable in config.Envs)
        {
            if (variable.Key.Length == 0 || variable.Key.AsSpan().ContainsAny('=', '\0') || variable.Value.Span.Contains((byte)0))
            {
                yield return $"config.envs: \"{variable.Key}\" is not a variable that a process can have";
            }
        }

        foreach (string path in (security?.MaskedPaths ?? []).Concat(security?.ReadonlyPaths ?? []).Where(path => !IsPath(path)))
        {
            yield return $"config.linux.security_context: masked or read-only path \"{path}\" is not absolute";
        }

        foreach (Device device in config.Devices.Where(device => !IsPath(device.HostPath) || !IsPath(device.ContainerPath) || MountPlan.Clean(device.ContainerPath) == "/"))
        {
            yield return $"config.devices: \"{device.HostPath}\" and \"{device.ContainerPath}\" are not both absolute paths of a device";
        }
    }

    private static bool IsPath(string path) => path.StartsWith('/') && !path.Contains('\0');

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
