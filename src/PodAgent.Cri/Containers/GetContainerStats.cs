using PodAgent.Api.Cri;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Containers;

/// <summary>ContainerStats, ListContainerStats and StreamContainerStats. Containers without processes have nothing to count.</summary>
internal sealed class GetContainerStats(CriContext runtime)
{
    public ContainerStatsResponse Invoke(ContainerStatsRequest request) =>
        new() { Stats = Read(runtime.Containers.Get(request.ContainerId).Record) };

    public ListContainerStatsResponse List(ListContainerStatsRequest request) =>
        new() { Stats = { Select(request.Filter).Select(TryRead).OfType<ContainerStats>() } };

    public async Task StreamAsync(ContainerStatsFilter? filter, Func<StreamContainerStatsResponse, Task> write)
    {
        foreach (ContainerRecord[] part in Select(filter).Chunk(Paging.ItemsPerMessage))
        {
            await write(new StreamContainerStatsResponse { ContainerStats = { part.Select(TryRead).OfType<ContainerStats>() } })
                .ConfigureAwait(false);
        }
    }

    public ContainerStats Read(ContainerRecord record)
    {
        var stats = new ContainerStats { Attributes = ContainerView.ToAttributes(record) };
        if (record.State == ContainerState.ContainerRunning)
        {
            CgroupUsage usage = runtime.Ports.Cgroups.Open(record.Cgroup).ReadUsage();
            stats.Cpu = UsageView.Cpu(usage, runtime.Containers.Find(record.Id)?.CpuRate);
            stats.Memory = UsageView.Memory(usage);
            stats.Swap = UsageView.Swap(usage);
            stats.Io = UsageView.Io(usage);
        }

        DiskUsage disk = runtime.Ports.Rootfs.Usage(record.Id);
        stats.WritableLayer = new FilesystemUsage
        {
            Timestamp = runtime.Time.Nanoseconds(),
            FsId = new FilesystemIdentifier { Mountpoint = runtime.Ports.Images.Directory },
            UsedBytes = UsageView.Value(disk.Bytes),
            InodesUsed = UsageView.Value(disk.Inodes),
        };
        return stats;
    }

    // In a list, a container that ends while it is read is not an error.
    public ContainerStats? TryRead(ContainerRecord record)
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

    private IEnumerable<ContainerRecord> Select(ContainerStatsFilter? filter)
    {
        var running = new ContainerFilter { State = new ContainerStateValue { State = ContainerState.ContainerRunning } };
        if (filter is not null)
        {
            running.Id = filter.Id;
            running.PodSandboxId = filter.PodSandboxId;
            running.LabelSelector.Add(filter.LabelSelector);
        }

        return Filters.Select(runtime.Containers, runtime.Sandboxes, running);
    }
}
