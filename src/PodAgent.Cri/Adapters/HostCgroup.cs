using PodAgent.Containers.Cgroups;
using PodAgent.Cri.Ports;

namespace PodAgent.Cri.Adapters;

/// <summary><see cref="Cgroup"/> as port.</summary>
internal sealed class HostCgroup(string path, Cgroup cgroup, TimeProvider time) : ICgroup
{
    public string Path => path;

    public IReadOnlyList<string> HostPaths => cgroup.Paths;

    public bool Exists => cgroup.Exists;

    public bool HasProcesses => cgroup.Exists && cgroup.Processes().Count > 0;

    public IReadOnlyList<int> Processes() => cgroup.Processes();

    public void Create(CgroupResources? resources) => cgroup.Create(resources);

    // Not on the caller's thread, which has other things to do until systemd answers.
    public Task RegisterAsync(int process, CgroupResources? resources) =>
        cgroup.IsUnit ? Task.Run(() => cgroup.Register(process, resources)) : Task.CompletedTask;

    public void Update(CgroupResources resources) => cgroup.Update(resources);

    public void Kill()
    {
        if (cgroup.Exists)
        {
            cgroup.Kill();
        }
    }

    public void Remove() => cgroup.Remove();

    public CgroupUsage ReadUsage()
    {
        CgroupStats stats = cgroup.ReadStats();
        return new CgroupUsage
        {
            Timestamp = time.Nanoseconds(),
            CpuNanoseconds = stats.Cpu?.UsageNanoseconds ?? 0,
            MemoryBytes = stats.Memory?.Usage ?? 0,
            WorkingSetBytes = stats.Memory?.WorkingSet ?? 0,
            RssBytes = stats.Memory?.Rss ?? 0,
            PageFaults = stats.Memory?.PageFaults ?? 0,
            MajorPageFaults = stats.Memory?.MajorPageFaults ?? 0,
            MemoryLimitBytes = stats.Memory?.Limit,
            SwapBytes = stats.Memory?.Swap,
            SwapAvailableBytes = stats.Memory is { Swap: { } swap, SwapLimit: { } limit } ? limit - Math.Min(limit, swap) : null,
            Pressure = stats.Pressure,
            Stats = stats,
            Processes = stats.Pids?.Current ?? 0,
        };
    }

    public ICgroup CreateExec(string execId) => ExecCgroup.Create(path, cgroup.Paths, execId);
}
