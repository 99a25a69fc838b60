using PodAgent.Api.Cri;

namespace PodAgent.Cli.Statistics;

/// <summary>What a pod, or a container of it, had used at one moment.</summary>
internal sealed record UsageSample
{
    public required string Namespace { get; init; }

    public required string Pod { get; init; }

    /// <summary>Empty: the whole pod.</summary>
    public required string Container { get; init; }

    /// <summary>Tells it from others with the same name.</summary>
    public required string Id { get; init; }

    /// <summary>When, nanoseconds.</summary>
    public long Timestamp { get; init; }

    public ulong CpuNanoseconds { get; init; }

    public ulong WorkingSetBytes { get; init; }

    /// <summary>Null: no limit.</summary>
    public ulong? MemoryLimitBytes { get; init; }

    /// <summary>Null: the pod has no network of its own, or it is a container, which shares the pod's.</summary>
    public (ulong Received, ulong Sent)? Network { get; init; }

    /// <summary>Null: not known.</summary>
    public ulong? Processes { get; init; }

    /// <summary>Reads the runtime's answer.</summary>
    /// <param name="pods">All pods.</param>
    /// <param name="perContainer">A sample for each container instead of one for each pod.</param>
    public static IReadOnlyList<UsageSample> From(IEnumerable<PodSandboxStats> pods, bool perContainer) =>
    [
        .. pods.SelectMany(pod => perContainer ? pod.Linux.Containers.Select(container => Of(pod, container)) : [Of(pod)])
            .OrderBy(sample => (sample.Namespace, sample.Pod, sample.Container)),
    ];

    private static UsageSample Of(PodSandboxStats pod) => new()
    {
        Namespace = pod.Attributes.Metadata.Namespace,
        Pod = pod.Attributes.Metadata.Name,
        Container = "",
        Id = pod.Attributes.Id,
        Timestamp = pod.Linux.Cpu?.Timestamp ?? 0,
        CpuNanoseconds = pod.Linux.Cpu?.UsageCoreNanoSeconds?.Value ?? 0,
        WorkingSetBytes = pod.Linux.Memory?.WorkingSetBytes?.Value ?? 0,
        MemoryLimitBytes = Limit(pod.Linux.Memory),
        Network = pod.Linux.Network?.DefaultInterface is { } link ? (link.RxBytes?.Value ?? 0, link.TxBytes?.Value ?? 0) : null,
        Processes = pod.Linux.Process?.ProcessCount?.Value,
    };

    private static UsageSample Of(PodSandboxStats pod, ContainerStats container) => new()
    {
        Namespace = pod.Attributes.Metadata.Namespace,
        Pod = pod.Attributes.Metadata.Name,
        Container = container.Attributes.Metadata.Name,
        Id = container.Attributes.Id,
        Timestamp = container.Cpu?.Timestamp ?? 0,
        CpuNanoseconds = container.Cpu?.UsageCoreNanoSeconds?.Value ?? 0,
        WorkingSetBytes = container.Memory?.WorkingSetBytes?.Value ?? 0,
        MemoryLimitBytes = Limit(container.Memory),
    };

    private static ulong? Limit(MemoryUsage? memory) =>
        memory?.AvailableBytes is { } available ? available.Value + (memory.WorkingSetBytes?.Value ?? 0) : null;
}
