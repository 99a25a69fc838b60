using PodAgent.Api.Cri;

namespace PodAgent.Cri.Metrics;

/// <summary>All metrics, under the names, units and labels of cAdvisor, which a kubelet with CRI metrics no longer runs.</summary>
internal static class MetricCatalog
{
    public static readonly MetricDefinition BlockDeviceUsage = Counter(
        "container_blkio_device_usage_total", "Bytes moved by block devices.", "device", "major", "minor", "operation");

    public static readonly MetricDefinition CpuPeriods = Counter("container_cpu_cfs_periods_total", "Quota periods that have passed.");
    public static readonly MetricDefinition CpuThrottledPeriods = Counter("container_cpu_cfs_throttled_periods_total", "Quota periods in which the quota was used up.");
    public static readonly MetricDefinition CpuThrottledSeconds = Counter("container_cpu_cfs_throttled_seconds_total", "Time spent waiting for the next quota period.");
    public static readonly MetricDefinition CpuSystem = Counter("container_cpu_system_seconds_total", "Processor time in kernel mode.");
    public static readonly MetricDefinition CpuUsage = Counter("container_cpu_usage_seconds_total", "Processor time.", "cpu");
    public static readonly MetricDefinition CpuUser = Counter("container_cpu_user_seconds_total", "Processor time in user mode.");

    public static readonly MetricDefinition FileDescriptors = Gauge("container_file_descriptors", "Open file descriptors.");
    public static readonly MetricDefinition Processes = Gauge("container_processes", "Processes.");
    public static readonly MetricDefinition Sockets = Gauge("container_sockets", "Open sockets.");
    public static readonly MetricDefinition Threads = Gauge("container_threads", "Threads.");
    public static readonly MetricDefinition ThreadsMax = Gauge("container_threads_max", "Threads allowed; 0: no limit.");

    public static readonly MetricDefinition InodesFree = Gauge("container_fs_inodes_free", "Free inodes of the file system.", "device");
    public static readonly MetricDefinition InodesTotal = Gauge("container_fs_inodes_total", "Inodes of the file system.", "device");
    public static readonly MetricDefinition DiskLimit = Gauge("container_fs_limit_bytes", "Size of the file system.", "device");
    public static readonly MetricDefinition DiskUsage = Gauge("container_fs_usage_bytes", "Bytes that the container has written to it.", "device");
    public static readonly MetricDefinition ReadBytes = Counter("container_fs_reads_bytes_total", "Bytes read from block devices.", "device");
    public static readonly MetricDefinition Reads = Counter("container_fs_reads_total", "Reads from block devices.", "device");
    public static readonly MetricDefinition WrittenBytes = Counter("container_fs_writes_bytes_total", "Bytes written to block devices.", "device");
    public static readonly MetricDefinition Writes = Counter("container_fs_writes_total", "Writes to block devices.", "device");

    public static readonly MetricDefinition LastSeen = Gauge("container_last_seen", "When these values were read, Unix seconds.");
    public static readonly MetricDefinition StartTime = Gauge("container_start_time_seconds", "When it was started, Unix seconds.");

    public static readonly MetricDefinition MemoryCache = Gauge("container_memory_cache", "Bytes of page cache.");
    public static readonly MetricDefinition MemoryFailCount = Counter("container_memory_failcnt", "How often memory usage was at its limit.");
    public static readonly MetricDefinition MemoryFailures = Counter("container_memory_failures_total", "Page faults.", "failure_type", "scope");
    public static readonly MetricDefinition MemoryKernel = Gauge("container_memory_kernel_usage", "Bytes of kernel memory.");
    public static readonly MetricDefinition MemoryMappedFile = Gauge("container_memory_mapped_file", "Bytes of mapped files.");
    public static readonly MetricDefinition MemoryMaxUsage = Gauge("container_memory_max_usage_bytes", "Highest memory usage so far, bytes.");
    public static readonly MetricDefinition MemoryRss = Gauge("container_memory_rss", "Bytes of anonymous memory.");
    public static readonly MetricDefinition MemorySwap = Gauge("container_memory_swap", "Bytes swapped out.");
    public static readonly MetricDefinition MemoryUsage = Gauge("container_memory_usage_bytes", "Memory usage with page cache, bytes.");
    public static readonly MetricDefinition MemoryWorkingSet = Gauge("container_memory_working_set_bytes", "Memory that cannot be reclaimed easily, bytes.");
    public static readonly MetricDefinition OomEvents = Counter("container_oom_events_total", "Processes killed for lack of memory.");

    public static readonly MetricDefinition ReceivedBytes = Counter("container_network_receive_bytes_total", "Bytes received.", "interface");
    public static readonly MetricDefinition ReceiveErrors = Counter("container_network_receive_errors_total", "Errors while receiving.", "interface");
    public static readonly MetricDefinition ReceiveDrops = Counter("container_network_receive_packets_dropped_total", "Packets dropped while receiving.", "interface");
    public static readonly MetricDefinition ReceivedPackets = Counter("container_network_receive_packets_total", "Packets received.", "interface");
    public static readonly MetricDefinition SentBytes = Counter("container_network_transmit_bytes_total", "Bytes sent.", "interface");
    public static readonly MetricDefinition SendErrors = Counter("container_network_transmit_errors_total", "Errors while sending.", "interface");
    public static readonly MetricDefinition SendDrops = Counter("container_network_transmit_packets_dropped_total", "Packets dropped while sending.", "interface");
    public static readonly MetricDefinition SentPackets = Counter("container_network_transmit_packets_total", "Packets sent.", "interface");

    public static readonly MetricDefinition CpuStalled = Counter("container_pressure_cpu_stalled_seconds_total", "Time in which no task got a CPU.");
    public static readonly MetricDefinition CpuWaiting = Counter("container_pressure_cpu_waiting_seconds_total", "Time in which a task waited for a CPU.");
    public static readonly MetricDefinition IoStalled = Counter("container_pressure_io_stalled_seconds_total", "Time in which all tasks waited for I/O.");
    public static readonly MetricDefinition IoWaiting = Counter("container_pressure_io_waiting_seconds_total", "Time in which a task waited for I/O.");
    public static readonly MetricDefinition MemoryStalled = Counter("container_pressure_memory_stalled_seconds_total", "Time in which all tasks waited for memory.");
    public static readonly MetricDefinition MemoryWaiting = Counter("container_pressure_memory_waiting_seconds_total", "Time in which a task waited for memory.");

    public static readonly MetricDefinition SpecCpuPeriod = Gauge("container_spec_cpu_period", "Quota period, microseconds.");
    public static readonly MetricDefinition SpecCpuQuota = Gauge("container_spec_cpu_quota", "Quota per period, microseconds; absent: no quota.");
    public static readonly MetricDefinition SpecCpuShares = Gauge("container_spec_cpu_shares", "Relative weight, 1024 per CPU.");
    public static readonly MetricDefinition SpecMemoryLimit = Gauge("container_spec_memory_limit_bytes", "Memory limit; 0: none.");
    public static readonly MetricDefinition SpecMemorySwapLimit = Gauge("container_spec_memory_swap_limit_bytes", "Limit of memory and swap together; 0: none.");

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        BlockDeviceUsage, CpuPeriods, CpuThrottledPeriods, CpuThrottledSeconds, CpuSystem, CpuUsage, CpuUser, FileDescriptors, Processes,
        Sockets, Threads, ThreadsMax, InodesFree, InodesTotal, DiskLimit, DiskUsage, ReadBytes, Reads, WrittenBytes, Writes, LastSeen,
        StartTime, MemoryCache, MemoryFailCount, MemoryFailures, MemoryKernel, MemoryMappedFile, MemoryMaxUsage, MemoryRss, MemorySwap,
        MemoryUsage, MemoryWorkingSet, OomEvents, ReceivedBytes, ReceiveErrors, ReceiveDrops, ReceivedPackets, SentBytes, SendErrors,
        SendDrops, SentPackets, CpuStalled, CpuWaiting, IoStalled, IoWaiting, MemoryStalled, MemoryWaiting, SpecCpuPeriod, SpecCpuQuota,
        SpecCpuShares, SpecMemoryLimit, SpecMemorySwapLimit,
    ];

    private static MetricDefinition Counter(string name, string help, params string[] labels) => new(name, MetricType.Counter, help, labels);

    private static MetricDefinition Gauge(string name, string help, params string[] labels) => new(name, MetricType.Gauge, help, labels);
}
