using PodAgent.Containers.Cgroups;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Metrics;

/// <summary>What a control group counts, as samples. Every metric of a group that cannot be read is 0, so that no series comes and goes.</summary>
internal static class CgroupMetrics
{
    private const ulong NanosecondsPerMicrosecond = 1000;

    public static void Add(MetricSamples samples, CgroupStats stats, ProcessTotals processes)
    {
        AddCpu(samples, stats.Cpu ?? new CpuStats(0, 0, 0, 0, 0, 0));
        AddMemory(samples, stats.Memory ?? new MemoryStats(0, 0, 0, 0, null, null, 0, 0, 0));
        AddDevices(samples, stats.Io);
        samples.Add(MetricCatalog.Processes, processes.Processes);
        samples.Add(MetricCatalog.Threads, processes.Threads);
        samples.Add(MetricCatalog.ThreadsMax, stats.Pids?.Limit ?? 0);
        samples.Add(MetricCatalog.FileDescriptors, processes.Descriptors);
        samples.Add(MetricCatalog.Sockets, processes.Sockets);
        AddPressure(samples, stats.Pressure?.Cpu, MetricCatalog.CpuWaiting, MetricCatalog.CpuStalled);
        AddPressure(samples, stats.Pressure?.Memory, MetricCatalog.MemoryWaiting, MetricCatalog.MemoryStalled);
        AddPressure(samples, stats.Pressure?.Io, MetricCatalog.IoWaiting, MetricCatalog.IoStalled);
    }

    private static void AddCpu(MetricSamples samples, CpuStats cpu)
    {
        samples.AddSeconds(MetricCatalog.CpuUsage, cpu.UsageNanoseconds, "total");
        samples.AddSeconds(MetricCatalog.CpuUser, cpu.UserNanoseconds);
        samples.AddSeconds(MetricCatalog.CpuSystem, cpu.SystemNanoseconds);
        samples.Add(MetricCatalog.CpuPeriods, cpu.Periods);
        samples.Add(MetricCatalog.CpuThrottledPeriods, cpu.ThrottledPeriods);
        samples.AddSeconds(MetricCatalog.CpuThrottledSeconds, cpu.ThrottledNanoseconds);
    }

    private static void AddMemory(MetricSamples samples, MemoryStats memory)
    {
        samples.Add(MetricCatalog.MemoryCache, memory.Cache);
        samples.Add(MetricCatalog.MemoryFailCount, memory.LimitHits);
        samples.Add(MetricCatalog.MemoryFailures, memory.PageFaults, "pgfault", "hierarchy");
        samples.Add(MetricCatalog.MemoryFailures, memory.MajorPageFaults, "pgmajfault", "hierarchy");
        samples.Add(MetricCatalog.MemoryKernel, memory.Kernel);
        samples.Add(MetricCatalog.MemoryMappedFile, memory.MappedFile);
        samples.Add(MetricCatalog.MemoryMaxUsage, memory.Peak ?? memory.Usage);
        samples.Add(MetricCatalog.MemoryRss, memory.Rss);
        samples.Add(MetricCatalog.MemorySwap, memory.Swap ?? 0);
        samples.Add(MetricCatalog.MemoryUsage, memory.Usage);
        samples.Add(MetricCatalog.MemoryWorkingSet, memory.WorkingSet);
        samples.Add(MetricCatalog.OomEvents, memory.OomKills);
    }

    private static void AddDevices(MetricSamples samples, IReadOnlyList<IoStats> devices)
    {
        foreach (IoStats io in devices)
        {
            string major = io.Major.ToString(System.Globalization.CultureInfo.InvariantCulture);
            string minor = io.Minor.ToString(System.Globalization.CultureInfo.InvariantCulture);
            string device = $"{major}:{minor}";
            samples.Add(MetricCatalog.BlockDeviceUsage, io.ReadBytes, device, major, minor, "Read");
            samples.Add(MetricCatalog.BlockDeviceUsage, io.WriteBytes, device, major, minor, "Write");
            samples.Add(MetricCatalog.ReadBytes, io.ReadBytes, device);
            samples.Add(MetricCatalog.Reads, io.ReadOperations, device);
            samples.Add(MetricCatalog.WrittenBytes, io.WriteBytes, device);
            samples.Add(MetricCatalog.Writes, io.WriteOperations, device);
        }
    }

    private static void AddPressure(MetricSamples samples, Pressure? pressure, MetricDefinition waiting, MetricDefinition stalled)
    {
        if (pressure is not null)
        {
            samples.AddSeconds(waiting, pressure.Some.TotalMicroseconds * NanosecondsPerMicrosecond);
            samples.AddSeconds(stalled, pressure.Full.TotalMicroseconds * NanosecondsPerMicrosecond);
        }
    }
}
