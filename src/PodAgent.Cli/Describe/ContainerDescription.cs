using System.Globalization;
using PodAgent.Api.Core;
using PodAgent.Api.Resource;

namespace PodAgent.Cli.Describe;

/// <summary>One container's part of a pod's description.</summary>
internal static class ContainerDescription
{
    private const int Depth = 2;

    public static void Write(IndentedText text, Container container, ContainerStatus? status)
    {
        text.Add(Depth, "Container ID:", status?.ContainerID ?? "");
        text.Add(Depth, "Image:", container.Image);
        text.Add(Depth, "Image ID:", status?.ImageID ?? "");
        text.Add(Depth, container.Ports.Count > 1 ? "Ports:" : "Port:", Ports(container, port => port.ContainerPort_));
        text.Add(Depth, container.Ports.Count > 1 ? "Host Ports:" : "Host Port:", Ports(container, port => port.HostPort));
        if (container.SecurityContext?.SeccompProfile is { } seccomp)
        {
            WriteSeccomp(text, Depth, seccomp);
        }

        WriteWords(text, "Command:", container.Command);
        WriteWords(text, "Args:", container.Args);
        if (status is not null)
        {
            WriteState(text, "State:", status.State);
            if (status.LastState?.Terminated is not null)
            {
                WriteState(text, "Last State:", status.LastState);
            }

            text.Add(Depth, "Ready:", status.Ready ? "True" : "False");
            text.Add(Depth, "Restart Count:", status.RestartCount.ToString(CultureInfo.InvariantCulture));
        }

        WriteResources(text, "Limits:", container.Resources?.Limits);
        WriteResources(text, "Requests:", container.Resources?.Requests);
        WriteProbe(text, "Liveness:", container.LivenessProbe);
        WriteProbe(text, "Readiness:", container.ReadinessProbe);
        WriteProbe(text, "Startup:", container.StartupProbe);
        WriteEnvironmentSources(text, container);
        WriteEnvironment(text, container);
        WriteMounts(text, container);
    }

    /// <summary>Of a container, or at depth 0 of the pod.</summary>
    public static void WriteSeccomp(IndentedText text, int depth, SeccompProfile profile)
    {
        text.Add(depth, "SeccompProfile:", profile.Type);
        if (profile.LocalhostProfile.Length > 0)
        {
            text.Add(depth, "LocalhostProfile:", profile.LocalhostProfile);
        }
    }

    private static string Ports(Container container, Func<ContainerPort, int> number) =>
        container.Ports.Count == 0 ? "<none>" : string.Join(", ", container.Ports.Select(port => $"{number(port)}/{port.Protocol}"));

    private static void WriteWords(IndentedText text, string name, IReadOnlyList<string> words)
    {
        if (words.Count == 0)
        {
            return;
        }

        text.Add(Depth, name, "");
        foreach (string word in words)
        {
            foreach (string line in word.TrimEnd('\n').Split('\n'))
            {
                text.Add(Depth + 1, line, "");
            }
        }
    }

    private static void WriteState(IndentedText text, string name, ContainerState? state)
    {
        if (state?.Running is { } running)
        {
            text.Add(Depth, name, "Running");
            text.AddMoment(Depth + 1, "Started:", running.StartedAt);
        }
        else if (state?.Terminated is { } ended)
        {
            text.Add(Depth, name, "Terminated");
            WriteReason(text, ended.Reason, ended.Message);
            text.Add(Depth + 1, "Exit Code:", ended.ExitCode.ToString(CultureInfo.InvariantCulture));
            if (ended.Signal > 0)
            {
                text.Add(Depth + 1, "Signal:", ended.Signal.ToString(CultureInfo.InvariantCulture));
            }

            text.AddMoment(Depth + 1, "Started:", ended.StartedAt);
            text.AddMoment(Depth + 1, "Finished:", ended.FinishedAt);
        }
        else
        {
            text.Add(Depth, name, "Waiting");
            WriteReason(text, state?.Waiting?.Reason ?? "", state?.Waiting?.Message ?? "");
        }
    }

    private static void WriteReason(IndentedText text, string reason, string message)
    {
        if (reason.Length > 0)
        {
            text.Add(Depth + 1, "Reason:", reason);
        }

        if (message.Length > 0)
        {
            string[] lines = message.TrimEnd('\n').Split('\n');
            text.Add(Depth + 1, "Message:", lines[0]);
            foreach (string line in lines.Skip(1))
            {
                text.Continue(Depth + 1, line);
            }
        }
    }

    private static void WriteResources(IndentedText text, string name, IEnumerable<KeyValuePair<string, Quantity>>? resources)
    {
        KeyValuePair<string, Quantity>[] entries = [.. (resources ?? []).OrderBy(entry => entry.Key, StringComparer.Ordinal)];
        if (entries.Length > 0)
        {
            text.Add(Depth, name, "");
            foreach ((string resource, Quantity quantity) in entries)
            {
                text.Add(Depth + 1, resource + ":", quantity.String);
            }
        }
    }

    private static void WriteProbe(IndentedText text, string name, Probe? probe)
    {
        if (probe is null)
        {
            return;
        }

        string action = probe.Handler switch
        {
            { Exec: { } exec } => $"exec [{string.Join(' ', exec.Command)}]",
            { HttpGet: { } http } => $"http-get {http.Scheme.ToLowerInvariant()}://{http.Host}:{Port(http.Port)}{http.Path}",
            { TcpSocket: { } tcp } => $"tcp-socket {tcp.Host}:{Port(tcp.Port)}",
            { Grpc: { } grpc } => $"grpc <pod>:{grpc.Port} {grpc.Service}".TrimEnd(),
            _ => "unknown",
        };
        text.Add(Depth, name, $"{action} delay={probe.InitialDelaySeconds}s timeout={probe.TimeoutSeconds}s period={probe.PeriodSeconds}s #success={probe.SuccessThreshold} #failure={probe.FailureThreshold}");
    }

    private static string Port(Api.IntStr.IntOrString? port) =>
        port is null ? "" : port.Type == 1 ? port.StrVal : port.IntVal.ToString(CultureInfo.InvariantCulture);

    private static void WriteEnvironmentSources(IndentedText text, Container container)
    {
        if (container.EnvFrom.Count == 0)
        {
            return;
        }

        text.Add(Depth, "Environment Variables from:", "");
        foreach (EnvFromSource source in container.EnvFrom)
        {
            (string name, string kind, bool optional) = source.SecretRef is { } secret
                ? (secret.LocalObjectReference?.Name ?? "", "Secret", secret.Optional)
                : (source.ConfigMapRef?.LocalObjectReference?.Name ?? "", "ConfigMap", source.ConfigMapRef?.Optional ?? false);
            string prefix = source.Prefix.Length > 0 ? $" with prefix '{source.Prefix}'" : "";
            text.Add(Depth + 1, name, $"{kind}{prefix}  Optional: {optional}");
        }
    }

    private static void WriteEnvironment(IndentedText text, Container container)
    {
        if (container.Env.Count == 0)
        {
            text.Add(Depth, "Environment:", "<none>");
            return;
        }

        text.Add(Depth, "Environment:", "");
        foreach (EnvVar variable in container.Env)
        {
            string value = variable.ValueFrom switch
            {
                { FieldRef: { } field } => $" ({field.ApiVersion}:{field.FieldPath})",
                { ResourceFieldRef: { } resource } => $" ({resource.Resource})",
                { SecretKeyRef: { } secret } => $"<set to the key '{secret.Key}' in secret '{secret.LocalObjectReference?.Name}'>",
                { ConfigMapKeyRef: { } map } => $"<set to the key '{map.Key}' of config map '{map.LocalObjectReference?.Name}'>",
                _ => variable.Value,
            };
            text.Add(Depth + 1, variable.Name + ":", value);
        }
    }

    private static void WriteMounts(IndentedText text, Container container)
    {
        if (container.VolumeMounts.Count == 0)
        {
            text.Add(Depth, "Mounts:", "<none>");
            return;
        }

        text.Add(Depth, "Mounts:", "");
        foreach (VolumeMount mount in container.VolumeMounts.OrderBy(mount => mount.MountPath, StringComparer.Ordinal))
        {
            string path = mount.SubPath.Length > 0 ? $",path=\"{mount.SubPath}\"" : "";
            text.Add(Depth + 1, $"{mount.MountPath} from {mount.Name} ({(mount.ReadOnly ? "ro" : "rw")}{path})", "");
        }
    }
}
