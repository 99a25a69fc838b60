using PodAgent.Api.Cri;
using PodAgent.Cri.Metrics;
using PodAgent.Cri.Tests.Fakes;

namespace PodAgent.Cri.Tests.Metrics;

public sealed class GetPodSandboxMetricsTests : IDisposable
{
    // What every node offers, whatever its kernel; clients count on these.
    private const string Mandatory =
        "blkio_device_usage_total cpu_cfs_periods_total cpu_cfs_throttled_periods_total cpu_cfs_throttled_seconds_total "
        + "cpu_system_seconds_total cpu_usage_seconds_total cpu_user_seconds_total file_descriptors fs_inodes_free fs_inodes_total "
        + "fs_limit_bytes fs_reads_bytes_total fs_reads_total fs_usage_bytes fs_writes_bytes_total fs_writes_total last_seen memory_cache "
        + "memory_failcnt memory_failures_total memory_kernel_usage memory_mapped_file memory_max_usage_bytes memory_rss memory_swap "
        + "memory_usage_bytes memory_working_set_bytes network_receive_bytes_total network_receive_errors_total "
        + "network_receive_packets_dropped_total network_receive_packets_total network_transmit_bytes_total network_transmit_errors_total "
        + "network_transmit_packets_dropped_total network_transmit_packets_total oom_events_total processes sockets spec_cpu_period "
        + "spec_cpu_shares spec_memory_limit_bytes spec_memory_swap_limit_bytes start_time_seconds threads threads_max";

    private readonly TestRuntime _runtime = new();

    [Fact]
    public void Descriptors_All_HaveHelpAndLabelsAndCoverWhatClientsCountOn()
    {
        ListMetricDescriptorsResponse response = GetPodSandboxMetrics.Descriptors();
        Assert.All(response.Descriptors, descriptor => Assert.True(descriptor.Help.Length > 0 && descriptor.LabelKeys.Count > 0, descriptor.Name));
        Assert.Equal(response.Descriptors.Count, response.Descriptors.Select(descriptor => descriptor.Name).Distinct().Count());
        string[] missing = [.. Mandatory.Split(' ').Select(name => $"container_{name}").Except(response.Descriptors.Select(descriptor => descriptor.Name))];
        Assert.Empty(missing);
    }

    [Fact]
    public async Task List_RunningContainer_HasASampleForEachDescriptorWithItsLabels()
    {
        string sandbox = await _runtime.RunAsync();
        CreateContainerRequest request = TestRuntime.ContainerRequest(sandbox);
        request.Config.Linux = new LinuxContainerConfig { Resources = new LinuxContainerResources { CpuQuota = 20000, MemoryLimitInBytes = 64 } };
        string container = await _runtime.CreateAsync(request);
        await _runtime.Start.InvokeAsync(new StartContainerRequest { ContainerId = container }, CancellationToken.None);
        PodSandboxMetrics pod = Assert.Single(new GetPodSandboxMetrics(_runtime.Context).List().PodMetrics);
        Assert.Equal(sandbox, pod.PodSandboxId);
        ContainerMetrics own = Assert.Single(pod.ContainerMetrics);
        Assert.Equal(container, own.ContainerId);
        ILookup<string, Metric> samples = pod.Metrics.Concat(own.Metrics).ToLookup(metric => metric.Name);
        foreach (MetricDescriptor descriptor in GetPodSandboxMetrics.Descriptors().Descriptors.Where(descriptor => !descriptor.Name.Contains("pressure")))
        {
            Assert.NotEmpty(samples[descriptor.Name]);
            Assert.All(samples[descriptor.Name], metric => Assert.Equal(descriptor.LabelKeys.Count, metric.LabelValues.Count));
        }

        Assert.Equal(7u, Value(own.Metrics, "container_cpu_usage_seconds_total"));
        Assert.Equal(20000u, Value(own.Metrics, "container_spec_cpu_quota"));
        Assert.Equal(64u, Value(own.Metrics, "container_spec_memory_limit_bytes"));
        Assert.Equal(
            ["", "/test/" + sandbox, "", "", "default", "pod", "eth0"],
            pod.Metrics.First(metric => metric.Name == "container_network_receive_bytes_total").LabelValues);
    }

    [Fact]
    public async Task List_StoppedSandbox_IsLeftOut()
    {
        string sandbox = await _runtime.RunAsync();
        await _runtime.StopSandbox.InvokeAsync(new StopPodSandboxRequest { PodSandboxId = sandbox }, CancellationToken.None);
        Assert.Empty(new GetPodSandboxMetrics(_runtime.Context).List().PodMetrics);
    }

    [Fact]
    public async Task Stream_SixSandboxes_ComeInTwoMessages()
    {
        for (int i = 0; i < 6; i++)
        {
            await _runtime.RunAsync(TestRuntime.SandboxRequest($"pod{i}"));
        }

        var counts = new List<int>();
        await new GetPodSandboxMetrics(_runtime.Context).StreamAsync(message =>
        {
            counts.Add(message.PodSandboxMetrics.Count);
            return Task.CompletedTask;
        });
        Assert.Equal([5, 1], counts);
    }

    public void Dispose() => _runtime.Dispose();

    private static ulong Value(IEnumerable<Metric> metrics, string name) => metrics.Single(metric => metric.Name == name).Value.Value;
}
