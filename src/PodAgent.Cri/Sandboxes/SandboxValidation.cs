using PodAgent.Api.Cri;
using PodAgent.Containers.Security;
using PodAgent.Linux;
using PodAgent.Linux.Systemd;

namespace PodAgent.Cri.Sandboxes;

/// <summary>What a sandbox's configuration must be like before anything is made; names all problems at once.</summary>
internal static class SandboxValidation
{
    public static void Check(RunPodSandboxRequest request, CriOptions options)
    {
        var problems = new List<string>();
        PodSandboxConfig? config = request.Config;
        if (config?.Metadata is null)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "config.metadata: required");
        }

        PathPart(problems, "config.metadata.name", config.Metadata.Name);
        PathPart(problems, "config.metadata.namespace", config.Metadata.Namespace);
        PathPart(problems, "config.metadata.uid", config.Metadata.Uid);
        if (request.RuntimeHandler.Length > 0 && !options.RuntimeHandlers.Contains(request.RuntimeHandler))
        {
            string known = options.RuntimeHandlers.Count == 0 ? "none is configured" : $"known are {string.Join(", ", options.RuntimeHandlers)}";
            problems.Add($"runtime_handler: \"{request.RuntimeHandler}\" is not known here ({known})");
        }

        if (System.Text.Encoding.UTF8.GetByteCount(config.Hostname) > 64)
        {
            problems.Add("config.hostname: longer than 64 bytes");
        }

        // These become words and lines of the pod's files.
        Word(problems, "config.hostname", config.Hostname);
        foreach (string word in config.DnsConfig is { } dns ? dns.Servers.Concat(dns.Searches).Concat(dns.Options) : [])
        {
            Word(problems, "config.dns_config", word);
        }

        if (config.LogDirectory.Length > 0 && !IsCleanAbsolute(config.LogDirectory))
        {
            problems.Add($"config.log_directory: \"{config.LogDirectory}\" is not a clean absolute path");
        }

        if (config.Linux is { CgroupParent.Length: > 0 } linux)
        {
            Cgroup(problems, linux.CgroupParent, options.CgroupDriver);
        }

        NamespaceOption? namespaces = config.Linux?.SecurityContext?.NamespaceOptions;
        Namespaces(problems, namespaces);
        Parameters(problems, config.Linux, namespaces);
        for (int i = 0; i < config.PortMappings.Count; i++)
        {
            Ports(problems, $"config.port_mappings[{i}]", config.PortMappings[i]);
        }

        if (problems.Count > 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, string.Join("; ", problems));
        }
    }

    /// <summary>The control group that a client names, relative to the root and without slashes at its ends; for a slice the whole path.</summary>
    /// <exception cref="AgentException">It would leave the root, or the cgroup driver has no such groups.</exception>
    public static string CgroupPath(string cgroupParent, CgroupDriver driver)
    {
        string path = cgroupParent.Trim('/');
        if (path.Split('/').Any(part => part is "" or "." or ".." || part.Contains('\0')))
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"\"{cgroupParent}\" is not a path below the cgroup root");
        }

        if (driver == CgroupDriver.Systemd)
        {
            return SliceName.Ends(path)
                ? SliceName.Expand(cgroupParent)
                : throw new AgentException(
                    ErrorKind.InvalidArgument, $"the cgroup driver is systemd, but \"{cgroupParent}\" is not a slice: it does not end in \".slice\"");
        }

        return SliceName.Ends(path)
            ? throw new AgentException(ErrorKind.InvalidArgument, $"the cgroup driver is cgroupfs, but \"{cgroupParent}\" is a slice of systemd")
            : path;
    }

    public static bool IsCleanAbsolute(string path) =>
        path.StartsWith('/') && !path.Contains('\0') && Path.GetFullPath(path).TrimEnd('/') == path.TrimEnd('/');

    private static void Cgroup(List<string> problems, string parent, CgroupDriver driver)
    {
        try
        {
            _ = CgroupPath(parent, driver);
        }
        catch (AgentException refused)
        {
            problems.Add($"config.linux.cgroup_parent: {refused.Message}");
        }
    }

    private static void Namespaces(List<string> problems, NamespaceOption? options)
    {
        const string Field = "config.linux.security_context.namespace_options";
        if (options is null)
        {
            return;
        }

        Only(problems, $"{Field}.network", options.Network, NamespaceMode.Pod, NamespaceMode.Node);
        Only(problems, $"{Field}.ipc", options.Ipc, NamespaceMode.Pod, NamespaceMode.Node);
        Only(problems, $"{Field}.pid", options.Pid, NamespaceMode.Pod, NamespaceMode.Container, NamespaceMode.Node);
        problems.AddRange(UserNamespaceOptions.Problems(options, Field));
    }

    private static void Parameters(List<string> problems, LinuxPodSandboxConfig? linux, NamespaceOption? namespaces)
    {
        try
        {
            Sysctls.Validate(linux is null ? [] : linux.Sysctls, namespaces?.Network == NamespaceMode.Node, namespaces?.Ipc == NamespaceMode.Node);
        }
        catch (AgentException refused)
        {
            problems.Add(refused.Message);
        }
    }

    private static void Only(List<string> problems, string field, NamespaceMode mode, params NamespaceMode[] allowed)
    {
        if (!allowed.Contains(mode))
        {
            problems.Add($"{field}: {mode.ToString().ToUpperInvariant()} is not possible for a sandbox");
        }
    }

    private static void Ports(List<string> problems, string field, PortMapping mapping)
    {
        if (mapping.ContainerPort is < 1 or > 65535)
        {
            problems.Add($"{field}.container_port: {mapping.ContainerPort} is not in 1..65535");
        }

        if (mapping.HostPort is < 0 or > 65535)
        {
            problems.Add($"{field}.host_port: {mapping.HostPort} is not in 0..65535");
        }

        if (mapping.HostIp.Length > 0 && !System.Net.IPAddress.TryParse(mapping.HostIp, out _))
        {
            problems.Add($"{field}.host_ip: \"{mapping.HostIp}\" is not an IP address");
        }
    }

    private static void Word(List<string> problems, string field, string value)
    {
        if (value.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            problems.Add($"{field}: \"{value}\" contains a blank or a control character");
        }
    }

    // These become parts of names and log paths (CVE-2025-0750 class).
    private static void PathPart(List<string> problems, string field, string value)
    {
        if (value.Length == 0)
        {
            problems.Add($"{field}: required");
        }
        else if (value is "." or ".." || value.AsSpan().ContainsAny('/', '\0', '\n'))
        {
            problems.Add($"{field}: \"{value}\" cannot be part of a path");
        }
    }
}
