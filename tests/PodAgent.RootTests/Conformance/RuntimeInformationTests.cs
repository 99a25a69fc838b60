using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.Containers.Security;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Conformance;

/// <summary>What the runtime tells about itself and about what its pods use.</summary>
public sealed class RuntimeInformationTests
{
    [Fact]
    public async Task Status_Ready_NamesHandlersAndFeatures()
    {
        await using CriMachine machine = await CriMachine.StartAsync(options => options with { RuntimeHandlers = ["tuned"] });
        StatusResponse status = await machine.Runtime.StatusAsync(new StatusRequest { Verbose = true });
        Assert.Equal(["RuntimeReady", "NetworkReady"], status.Status.Conditions.Where(condition => condition.Status).Select(condition => condition.Type));
        Assert.Equal(["", "tuned"], status.RuntimeHandlers.Select(handler => handler.Name));
        Assert.All(status.RuntimeHandlers, handler => Assert.True(handler.Features.RecursiveReadOnlyMounts && handler.Features.UserNamespaces == UserNamespaceSupport.IsAvailable()));
        Assert.True(status.Features.SupplementalGroupsPolicy);
        Assert.Contains(machine.Options.StateDirectory, status.Info["config"], StringComparison.Ordinal);
        Assert.Equal(CgroupDriver.Cgroupfs, (await machine.Runtime.RuntimeConfigAsync(new RuntimeConfigRequest())).Linux.CgroupDriver);
    }

    [Fact]
    public async Task Handler_KnownOrNot_DecidesAtRun()
    {
        await using CriMachine machine = await CriMachine.StartAsync(options => options with { RuntimeHandlers = ["tuned"] });
        string id = (await machine.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = machine.Pod(), RuntimeHandler = "tuned" })).PodSandboxId;
        PodSandbox shown = Assert.Single((await machine.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items);
        Assert.Equal((id, "tuned"), (shown.Id, shown.RuntimeHandler));
        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await machine.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = machine.Pod("other"), RuntimeHandler = "kata" }));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Contains("\"kata\" is not known here (known are tuned)", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_RunningContainer_HasEveryDescriptorThatThisKernelCounts()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.Resources = new LinuxContainerResources { CpuPeriod = 100000, CpuQuota = 20000, CpuShares = 1024, MemoryLimitInBytes = 64 << 20, MemorySwapLimitInBytes = 64 << 20 };
        string id = await machine.StartAsync(sandbox, config);
        Assert.Equal(0, (await machine.ShellAsync(id, "mkdir -p /var/lib/mydisktest && for i in $(seq 1 10); do dd if=/dev/zero of=/var/lib/mydisktest/$i bs=64k count=1 2>/dev/null; done; sync")).Code);
        PodSandboxMetrics pod = Assert.Single((await machine.Runtime.ListPodSandboxMetricsAsync(new ListPodSandboxMetricsRequest())).PodMetrics);
        ContainerMetrics own = Assert.Single(pod.ContainerMetrics);
        ILookup<string, Metric> samples = pod.Metrics.Concat(own.Metrics).ToLookup(metric => metric.Name);
        foreach (MetricDescriptor descriptor in (await machine.Runtime.ListMetricDescriptorsAsync(new ListMetricDescriptorsRequest())).Descriptors)
        {
            // Block devices only when something went through to them; pressure only on cgroup v2.
            if (!descriptor.Name.Contains("blkio") && !descriptor.Name.Contains("fs_read") && !descriptor.Name.Contains("fs_write") && !descriptor.Name.Contains("pressure"))
            {
                Assert.Contains(samples[descriptor.Name], metric => metric.LabelValues.Count == descriptor.LabelKeys.Count);
            }
        }

        ulong Own(string name) => own.Metrics.First(metric => metric.Name == $"container_{name}").Value.Value;
        Assert.Equal((1ul, 1ul), (Own("processes"), Own("threads")));
        Assert.Equal((64ul << 20, 20000ul), (Own("spec_memory_limit_bytes"), Own("spec_cpu_quota")));
        Assert.InRange(Own("fs_usage_bytes"), 640ul << 10, 64ul << 20);
        Assert.InRange(Own("memory_usage_bytes"), 1ul, 64ul << 20);
        Assert.True(Own("file_descriptors") > 0 && Own("start_time_seconds") > 0);
    }

    [Fact]
    public async Task Stats_PodThatWasSpokenTo_CountsItsNetworkAndProcesses()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000"));
        await machine.ShellAsync(id, "ping -c 2 $(ip route | awk '/default/ {print $3}')");
        PodSandboxStats stats = (await machine.Runtime.PodSandboxStatsAsync(new PodSandboxStatsRequest { PodSandboxId = sandbox })).Stats;
        Assert.Equal("eth0", stats.Linux.Network.DefaultInterface.Name);
        Assert.InRange(stats.Linux.Network.DefaultInterface.TxBytes.Value, 1ul, 1ul << 20);
        Assert.InRange(stats.Linux.Network.DefaultInterface.RxBytes.Value, 1ul, 1ul << 20);
        Assert.InRange(stats.Linux.Process.ProcessCount.Value, 2ul, 50ul);
        Assert.NotEqual(0ul, stats.Linux.Cpu.UsageCoreNanoSeconds.Value);
        Assert.Equal(id, Assert.Single(stats.Linux.Containers).Attributes.Id);
    }

    [Fact]
    public async Task PodCidr_BeforeThePods_IsWhereTheirAddressesComeFromAlsoLater()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        await machine.Runtime.UpdateRuntimeConfigAsync(Range("10.232.7.0/24"));
        string first = await machine.RunAsync(machine.Pod("first"));
        Assert.StartsWith("10.232.7.", await AddressAsync(machine, first), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await machine.Runtime.UpdateRuntimeConfigAsync(Range("10.233.7.0/24")));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        await machine.RestartAsync();
        Assert.StartsWith("10.232.7.", await AddressAsync(machine, await machine.RunAsync(machine.Pod("second"))), StringComparison.Ordinal);
        await machine.Runtime.UpdateRuntimeConfigAsync(Range("10.232.7.0/24"));
    }

    [Fact]
    public async Task Checkpoints_AreRefusedWithAReason()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await machine.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest()));
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
        Assert.NotEmpty(refused.Status.Detail);
    }

    private static UpdateRuntimeConfigRequest Range(string range) =>
        new() { RuntimeConfig = new RuntimeConfig { NetworkConfig = new NetworkConfig { PodCidr = range } } };

    private static async Task<string> AddressAsync(CriMachine machine, string sandbox) =>
        (await machine.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = sandbox })).Status.Network.Ip;
}
