using PodAgent.Api.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cli.Commands;

/// <summary>The container that a stream goes to.</summary>
internal sealed record ContainerTarget(Pod Pod, Container Container, string ContainerId)
{
    private const string DefaultContainerAnnotation = "kubectl.kubernetes.io/default-container";

    /// <summary>Finds a running container of a pod by name; without a name, the default one.</summary>
    /// <exception cref="CliException">No such container, or it does not run.</exception>
    public static async Task<ContainerTarget> FindRunningAsync(
        CommandContext context, string podName, string? containerName, CancellationToken cancel, string? podNamespace = null)
    {
        var query = new GetPodRequest { Namespace = podNamespace ?? context.Namespace, Name = podName };
        Pod pod = (await context.Agent.Pods.GetPodAsync(query, cancellationToken: cancel)).Pod;
        Container[] containers = [.. pod.Spec.InitContainers, .. pod.Spec.Containers];
        Container container;
        if (string.IsNullOrEmpty(containerName))
        {
            container = Default(pod);
        }
        else
        {
            container = containers.FirstOrDefault(c => c.Name == containerName)
                ?? throw new CliException($"error: container {containerName} not found in pod {podName}; it has {string.Join(", ", containers.Select(c => c.Name))}");
        }

        ContainerStatus? status = pod.Status?.InitContainerStatuses.Concat(pod.Status.ContainerStatuses).FirstOrDefault(s => s.Name == container.Name);
        return status?.State?.Running is not null
            ? new ContainerTarget(pod, container, WithoutScheme(status.ContainerID))
            : throw new CliException($"error: container {container.Name} of pod {podName} is not running{Why(status)}");
    }

    /// <summary>The container meant when none is named: the annotated one, else the first, which is said when there was a choice.</summary>
    public static Container Default(Pod pod)
    {
        if (pod.Metadata.Annotations.TryGetValue(DefaultContainerAnnotation, out string? annotated)
            && pod.Spec.Containers.FirstOrDefault(c => c.Name == annotated) is { } chosen)
        {
            return chosen;
        }

        Container first = pod.Spec.Containers[0];
        if (pod.Spec.Containers.Count + pod.Spec.InitContainers.Count > 1)
        {
            string others = string.Join(", ", pod.Spec.Containers.Select(c => c.Name).Concat(pod.Spec.InitContainers.Select(c => c.Name + " (init)")));
            Console.Error.WriteLine($"Defaulted container \"{first.Name}\" out of: {others}");
        }

        return first;
    }

    /// <summary>The runtime's own ID of a container: without the runtime's name before it.</summary>
    public static string WithoutScheme(string containerId)
    {
        int end = containerId.IndexOf("://", StringComparison.Ordinal);
        return end < 0 ? containerId : containerId[(end + 3)..];
    }

    private static string Why(ContainerStatus? status) => status?.State switch
    {
        { Waiting: { Reason.Length: > 0 } waiting } => $": {waiting.Reason}",
        { Terminated: { } ended } => $": it ended with exit code {ended.ExitCode}",
        _ => "",
    };
}
