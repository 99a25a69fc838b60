using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using PodAgent.Linux.Networking;

namespace PodAgent.Cri.Sandboxes;

/// <summary>PodSandboxStats, ListPodSandboxStats and StreamPodSandboxStats: the pod's control group, and each container's.</summary>
internal sealed class GetPodSandboxStats(CriContext runtime, GetContainerStats containerStats)
{
    private const string DefaultInterface = "eth0";
    private const string Loopback = "lo";

    public PodSandboxStatsResponse Invoke(PodSandboxStatsRequest request) =>
        new() { Stats = Read(runtime.Sandboxes.Get(request.PodSandboxId).Record) };

    public ListPodSandboxStatsResponse List(ListPodSandboxStatsRequest request) =>
        new() { Stats = { Select(request.Filter).Select(TryRead).OfType<PodSandboxStats>() } };

    public async Task StreamAsync(PodSandboxStatsFilter? filter, Func<StreamPodSandboxStatsResponse, Task> write)
    {
        foreach (SandboxRecord[] part in Select(filter).Chunk(Paging.ItemsPerMessage))
        {
            await write(new StreamPodSandboxStatsResponse { PodSandboxStats = { part.Select(TryRead).OfType<PodSandboxStats>() } }).ConfigureAwait(false);
        }
    }

    private IEnumerable<SandboxRecord> Select(PodSandboxStatsFilter? filter) => Filters.Select(runtime.Sandboxes, filter is null ? null : new()
    {
        Id = filter.Id,
        LabelSelector = { filter.LabelSelector },
        State = new PodSandboxStateValue { State = PodSandboxState.SandboxReady },
    });

    // In a list, a pod that goes while it is read is not an error.
    private PodSandboxStats? TryRead(SandboxRecord record)
    {
        try
        {
            return Read(record);
        }
        catch (Exception failure) when (failure is IOException or AgentException { Kind: ErrorKind.NotFound })
        {
            return null;
        }
    }

    private PodSandboxStats Read(SandboxRecord record)
    {
        var stats = new PodSandboxStats { Attributes = SandboxView.ToAttributes(record), Linux = new LinuxPodSandboxStats() };
        if (record.State == PodSandboxState.SandboxReady)
        {
            CgroupUsage usage = runtime.Ports.Cgroups.Open(record.CgroupParent).ReadUsage();
            stats.Linux.Cpu = UsageView.Cpu(usage, runtime.Sandboxes.Find(record.Id)?.CpuRate);
            stats.Linux.Memory = UsageView.Memory(usage);
            stats.Linux.Io = UsageView.Io(usage);
            stats.Linux.Network = Network(record, usage.Timestamp);
            stats.Linux.Process = new ProcessUsage
            {
                Timestamp = usage.Timestamp,
                ProcessCount = new UInt64Value { Value = usage.Processes },
            };
        }

        stats.Linux.Containers.Add(runtime.Containers.Of(record.Id)
            .Select(entry => entry.Record)
            .Where(container => container.State == ContainerState.ContainerRunning)
            .Select(containerStats.TryRead)
            .OfType<ContainerStats>());
        return stats;
    }

    // Null on the node's network, whose counters are the node's.
    private NetworkUsage? Network(SandboxRecord record, long timestamp)
    {
        if (record.Namespaces.Network == NamespaceMode.Node || record.PausePid == 0)
        {
            return null;
        }

        var network = new NetworkUsage { Timestamp = timestamp };
        foreach (InterfaceCounters counters in runtime.Ports.Counters.Interfaces(record.PausePid))
        {
            var usage = new NetworkInterfaceUsage
            {
                Name = counters.Name,
                RxBytes = UsageView.Value(counters.ReceivedBytes),
                RxErrors = UsageView.Value(counters.ReceiveErrors),
                TxBytes = UsageView.Value(counters.SentBytes),
                TxErrors = UsageView.Value(counters.SendErrors),
            };
            if (counters.Name == DefaultInterface)
            {
                network.DefaultInterface = usage;
            }
            else if (counters.Name != Loopback)
            {
                network.Interfaces.Add(usage);
            }
        }

        return network;
    }
}
