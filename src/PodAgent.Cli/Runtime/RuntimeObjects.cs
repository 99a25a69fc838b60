using PodAgent.Api.Cri;

namespace PodAgent.Cli.Runtime;

/// <summary>The runtime's sandboxes and containers, and how people name them. Only CRI is spoken, so that any runtime's socket will do.</summary>
internal sealed class RuntimeObjects
{
    // The kubelet's labels; an object without them was made by another client of the runtime.
    private const string PodNameLabel = "io.kubernetes.pod.name";
    private const string PodNamespaceLabel = "io.kubernetes.pod.namespace";
    private const int ShortIdLength = 13;

    private RuntimeObjects(IReadOnlyList<PodSandbox> sandboxes, IReadOnlyList<Container> containers)
    {
        Sandboxes = sandboxes;
        Containers = containers;
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<PodSandbox> Sandboxes { get; }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Container> Containers { get; }

    public static async Task<RuntimeObjects> ReadAsync(RuntimeService.RuntimeServiceClient runtime, CancellationToken cancel)
    {
        ListPodSandboxResponse sandboxes = await runtime.ListPodSandboxAsync(new ListPodSandboxRequest(), cancellationToken: cancel);
        ListContainersResponse containers = await runtime.ListContainersAsync(new ListContainersRequest(), cancellationToken: cancel);
        return new RuntimeObjects(
            [.. sandboxes.Items.OrderByDescending(sandbox => sandbox.CreatedAt)],
            [.. containers.Containers.OrderByDescending(container => container.CreatedAt)]);
    }

    /// <summary>The sandbox of a pod: the ready one, else the newest; null when the runtime has none.</summary>
    public PodSandbox? SandboxOf(string podNamespace, string name) =>
        Sandboxes.Where(sandbox => sandbox.Metadata?.Name == name && sandbox.Metadata.Namespace == podNamespace)
            .OrderBy(sandbox => sandbox.State)
            .FirstOrDefault();

    /// <summary>The container of that name in a sandbox: of several attempts the newest.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public Container ContainerOf(PodSandbox sandbox, string name)
    {
        Container[] all = [.. Containers.Where(container => container.PodSandboxId == sandbox.Id)];
        return all.FirstOrDefault(container => container.Metadata?.Name == name)
            ?? throw new CliException(
                $"error: container {name} not found in pod {sandbox.Metadata.Name}; it has {string.Join(", ", all.Select(container => container.Metadata?.Name).Distinct())}");
    }

    /// <summary>An object by the beginning of its ID.</summary>
    /// <exception cref="CliException">Several begin so.</exception>
    public (PodSandbox? Sandbox, Container? Container) ById(string prefix)
    {
        PodSandbox[] sandboxes = [.. Sandboxes.Where(sandbox => sandbox.Id.StartsWith(prefix, StringComparison.Ordinal))];
        Container[] containers = [.. Containers.Where(container => container.Id.StartsWith(prefix, StringComparison.Ordinal))];
        return sandboxes.Length + containers.Length <= 1
            ? (sandboxes.FirstOrDefault(), containers.FirstOrDefault())
            : throw new CliException($"error: several IDs begin with {prefix}: {string.Join(", ", sandboxes.Select(sandbox => sandbox.Id).Concat(containers.Select(container => container.Id)))}");
    }

    /// <summary>Namespace and name of the pod that a container belongs to; empty when nothing tells.</summary>
    public (string Namespace, string Name) PodOf(Container container)
    {
        PodSandboxMetadata? sandbox = Sandboxes.FirstOrDefault(sandbox => sandbox.Id == container.PodSandboxId)?.Metadata;
        return (
            container.Labels.GetValueOrDefault(PodNamespaceLabel) ?? sandbox?.Namespace ?? "",
            container.Labels.GetValueOrDefault(PodNameLabel) ?? sandbox?.Name ?? "");
    }

    /// <summary>As much of an ID as tables show.</summary>
    public static string Short(string id) => id.Length > ShortIdLength ? id[..ShortIdLength] : id;
}
