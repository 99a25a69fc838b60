using PodAgent.Api.Cri;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Networking;

namespace PodAgent.Cri.Metrics;

/// <summary>
/// ListMetricDescriptors, ListPodSandboxMetrics and StreamPodSandboxMetrics: of each ready pod what its control group and its network
/// count, of each running container what its control group and its writable layer count.
/// </summary>
internal sealed class GetPodSandboxMetrics(CriContext runtime)
{
    private const ulong DefaultCpuPeriod = 100_000;
    private const ulong DefaultCpuShares = 1024;
    private const long NanosecondsPerSecond = 1_000_000_000;

    public static ListMetricDescriptorsResponse Descriptors() =>
        new() { Descriptors = { MetricCatalog.All.Select(metric => metric.ToDescriptor()) } };

    public ListPodSandboxMetricsResponse List() => new() { PodMetrics = { Ready().Select(TryRead).OfType<PodSandboxMetrics>() } };

    public async Task StreamAsync(Func<StreamPodSandboxMetricsResponse, Task> write)
    {
        // A pod's metrics take some 30 KB, a hundred times a list item.
        foreach (SandboxRecord[] part in Ready().Chunk(Math.Max(1, Paging.ItemsPerMessage / 100)))
        {
            await write(new StreamPodSandboxMetricsResponse { PodSandboxMetrics = { part.Select(TryRead).OfType<PodSandboxMetrics>() } })
                .ConfigureAwait(false);
        }
    }

    private IEnumerable<SandboxRecord> Ready() =>
        runtime.Sandboxes.Entries.Select(entry => entry.Record).Where(record => record.State == PodSandboxState.SandboxReady);

    // In a list, what goes while it is read is not an error.
    private static T? Unless<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is IOException or AgentException { Kind: ErrorKind.NotFound })
        {
            return null;
        }
    }

    private PodSandboxMetrics? TryRead(SandboxRecord record) => Unless(() => Read(record));

    private PodSandboxMetrics Read(SandboxRecord sandbox)
    {
        PodSandboxMetadata pod = sandbox.Config.Metadata;
        ICgroup cgroup = runtime.Ports.Cgroups.Open(sandbox.CgroupParent);
        CgroupUsage usage = cgroup.ReadUsage();
        var samples = new MetricSamples(["", $"/{sandbox.CgroupParent}", "", "", pod.Namespace, pod.Name], usage.Timestamp);
        CgroupMetrics.Add(samples, usage.Stats, runtime.Ports.Counters.Count(cgroup.Processes()));
        AddTimes(samples, sandbox.CreatedAt);
        AddSpecification(samples, sandbox.EffectiveResources);
        AddNetwork(samples, sandbox);
        return new PodSandboxMetrics
        {
            PodSandboxId = sandbox.Id,
            Metrics = { samples.All },
            ContainerMetrics =
            {
                runtime.Containers.Of(sandbox.Id)
                    .Select(entry => entry.Record)
                    .Where(container => container.State == ContainerState.ContainerRunning)
                    .Select(container => Unless(() => Read(container, pod)))
                    .OfType<ContainerMetrics>(),
            },
        };
    }

    private ContainerMetrics Read(ContainerRecord container, PodSandboxMetadata pod)
    {
        ICgroup cgroup = runtime.Ports.Cgroups.Open(container.Cgroup);
        CgroupUsage usage = cgroup.ReadUsage();
        var samples = new MetricSamples(
            [container.Name, $"/{container.Cgroup}", container.ImageRef, container.Id, pod.Namespace, pod.Name], usage.Timestamp);
        CgroupMetrics.Add(samples, usage.Stats, runtime.Ports.Counters.Count(cgroup.Processes()));
        AddTimes(samples, container.StartedAt);
        AddSpecification(samples, container.Resources);
        string directory = runtime.Ports.Images.Directory;
        FileSystemUsage fileSystem = runtime.Ports.Counters.FileSystem(directory);
        samples.Add(MetricCatalog.InodesFree, fileSystem.FreeInodes, directory);
        samples.Add(MetricCatalog.InodesTotal, fileSystem.Inodes, directory);
        samples.Add(MetricCatalog.DiskLimit, fileSystem.Size, directory);
        samples.Add(MetricCatalog.DiskUsage, runtime.Ports.Rootfs.Usage(container.Id).Bytes, directory);
        return new ContainerMetrics { ContainerId = container.Id, Metrics = { samples.All } };
    }

    private static void AddTimes(MetricSamples samples, long startedAt)
    {
        samples.Add(MetricCatalog.LastSeen, (ulong)(samples.Timestamp / NanosecondsPerSecond));
        samples.Add(MetricCatalog.StartTime, (ulong)(startedAt / NanosecondsPerSecond));
    }

    private static void AddSpecification(MetricSamples samples, LinuxContainerResources? resources)
    {
        samples.Add(MetricCatalog.SpecCpuPeriod, Positive(resources?.CpuPeriod) ?? DefaultCpuPeriod);
        samples.Add(MetricCatalog.SpecCpuShares, Positive(resources?.CpuShares) ?? DefaultCpuShares);
        samples.Add(MetricCatalog.SpecMemoryLimit, Positive(resources?.MemoryLimitInBytes) ?? 0);
        samples.Add(MetricCatalog.SpecMemorySwapLimit, Positive(resources?.MemorySwapLimitInBytes) ?? 0);
        if (Positive(resources?.CpuQuota) is { } quota)
        {
            samples.Add(MetricCatalog.SpecCpuQuota, quota);
        }
    }

    private void AddNetwork(MetricSamples samples, SandboxRecord sandbox)
    {
        if (sandbox.Namespaces.Network == NamespaceMode.Node)
        {
            return;
        }

        foreach (InterfaceCounters counters in runtime.Ports.Counters.Interfaces(sandbox.PausePid).Where(counters => counters.Name != "lo"))
        {
            samples.Add(MetricCatalog.ReceivedBytes, counters.ReceivedBytes, counters.Name);
            samples.Add(MetricCatalog.ReceivedPackets, counters.ReceivedPackets, counters.Name);
            samples.Add(MetricCatalog.ReceiveErrors, counters.ReceiveErrors, counters.Name);
            samples.Add(MetricCatalog.ReceiveDrops, counters.ReceiveDrops, counters.Name);
            samples.Add(MetricCatalog.SentBytes, counters.SentBytes, counters.Name);
            samples.Add(MetricCatalog.SentPackets, counters.SentPackets, counters.Name);
            samples.Add(MetricCatalog.SendErrors, counters.SendErrors, counters.Name);
            samples.Add(MetricCatalog.SendDrops, counters.SendDrops, counters.Name);
        }
    }

    private static ulong? Positive(long? value) => value > 0 ? (ulong)value : null;
}
