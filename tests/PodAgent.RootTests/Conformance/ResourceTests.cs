using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.Containers.Cgroups;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Conformance;

/// <summary>Limits of pods and containers, on creation and later.</summary>
public sealed class ResourceTests
{
    private static readonly bool s_v2 = File.Exists("/sys/fs/cgroup/cgroup.controllers");

    [Fact]
    public async Task Container_EveryLimit_IsInItsControlGroup()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.Resources = new LinuxContainerResources
        {
            CpuPeriod = 50000, CpuQuota = 25000, CpuShares = 256, CpusetCpus = "0", CpusetMems = "0", MemoryLimitInBytes = 32 << 20,
            MemorySwapLimitInBytes = 48 << 20, OomScoreAdj = 500,
        };
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        (string files, string expected) = s_v2
            ? ("cpu.max cpu.weight cpuset.cpus cpuset.mems memory.max memory.swap.max", $"25000 50000\n{CpuWeight.FromShares(256)}\n0\n0\n33554432\n16777216\n500\n")
            : ("cpu/cpu.cfs_period_us cpu/cpu.cfs_quota_us cpu/cpu.shares cpuset/cpuset.cpus cpuset/cpuset.mems memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes",
                "50000\n25000\n256\n0\n0\n33554432\n50331648\n500\n");
        Assert.Equal(expected, (await machine.ShellAsync(id, $"cd /sys/fs/cgroup; cat {files} /proc/self/oom_score_adj")).Out);
        Assert.Equal(config.Linux.Resources, (await machine.StatusAsync(id)).Resources.Linux);
    }

    [Fact]
    public async Task Update_Running_ChangesWhatIsNamedAndIsShown()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.Resources = new LinuxContainerResources { CpuPeriod = 100000, CpuQuota = 50000, CpuShares = 512, MemoryLimitInBytes = 64 << 20, MemorySwapLimitInBytes = 64 << 20 };
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        await UpdateAsync(machine, id, new() { CpuQuota = 20000, MemoryLimitInBytes = 128 << 20, MemorySwapLimitInBytes = 128 << 20, CpusetCpus = "0" });
        await UpdateAsync(machine, id, new() { CpuShares = 100 });
        (string files, string expected) = s_v2
            ? ("cpu.max cpu.weight memory.max cpuset.cpus", $"20000 100000\n{CpuWeight.FromShares(100)}\n134217728\n0\n")
            : ("cpu/cpu.cfs_quota_us cpu/cpu.shares memory/memory.limit_in_bytes cpuset/cpuset.cpus", "20000\n100\n134217728\n0\n");
        Assert.Equal(expected, (await machine.ShellAsync(id, $"cd /sys/fs/cgroup; cat {files}")).Out);
        LinuxContainerResources shown = (await machine.StatusAsync(id)).Resources.Linux;
        Assert.Equal((100000, 20000, 100, 128 << 20), (shown.CpuPeriod, shown.CpuQuota, shown.CpuShares, shown.MemoryLimitInBytes));
    }

    [Fact]
    public async Task Update_ThatTheKernelRefuses_ChangesNothing()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.Resources = new LinuxContainerResources { CpuShares = 512 };
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        var failure = await Assert.ThrowsAsync<RpcException>(() => UpdateAsync(machine, id, new() { CpuShares = 100, CpusetCpus = "4095" }));
        Assert.Contains(failure.StatusCode, new[] { StatusCode.InvalidArgument, StatusCode.FailedPrecondition });
        Assert.Equal(s_v2 ? $"{CpuWeight.FromShares(512)}\n" : "512\n", (await machine.ExecAsync(id, "cat", s_v2 ? "/sys/fs/cgroup/cpu.weight" : "/sys/fs/cgroup/cpu/cpu.shares")).Out);
        Assert.Equal(512, (await machine.StatusAsync(id)).Resources.Linux.CpuShares);
    }

    [Fact]
    public async Task Memory_TooLittleToStart_IsTheReasonThatIsGiven()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("true");
        config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 4096 };
        string id = await machine.CreateAsync(await machine.RunAsync(), config);
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await machine.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id }));
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.Contains("memory limit is too small", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("memory limit is too small", (await machine.StatusAsync(id)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Needs", "cgroup-v2")]
    public async Task Unified_OnV2_IsInForce()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.Resources = new LinuxContainerResources { Unified = { ["memory.high"] = "50331648", ["memory.min"] = "4194304" } };
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Equal("50331648\n4194304\n", (await machine.ShellAsync(id, "cd /sys/fs/cgroup; cat memory.high memory.min")).Out);
    }

    [Fact]
    [Trait("Needs", "cgroup-v1")]
    public async Task Unified_OnV1_IsRefusedByName()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("true");
        config.Linux.Resources = new LinuxContainerResources { Unified = { ["memory.high"] = "1000000" } };
        string sandbox = await machine.RunAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, config));
        Assert.Equal(StatusCode.FailedPrecondition, failure.StatusCode);
        Assert.Contains("memory.high", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pod_ResourcesAndOverhead_LimitItsGroupAndCanBeChanged()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.CgroupParent = $"/{machine.Options.CgroupParent}/burstable/pod1";
        pod.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 100 << 20, CpuShares = 512 };
        pod.Linux.Overhead = new LinuxContainerResources { MemoryLimitInBytes = 20 << 20 };
        string id = await machine.RunAsync(pod);
        string group = s_v2
            ? $"/sys/fs/cgroup/{machine.Options.CgroupParent}/burstable/pod1/memory.max"
            : $"/sys/fs/cgroup/memory/{machine.Options.CgroupParent}/burstable/pod1/memory.limit_in_bytes";
        Assert.Equal($"{120 << 20}", File.ReadAllText(group).Trim());
        await machine.Runtime.UpdatePodSandboxResourcesAsync(new UpdatePodSandboxResourcesRequest
        {
            PodSandboxId = id,
            Resources = new LinuxContainerResources { MemoryLimitInBytes = 200 << 20 },
        });
        Assert.Equal($"{220 << 20}", File.ReadAllText(group).Trim());
        await machine.RemoveSandboxAsync(id);
        Assert.False(File.Exists(group));
        Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup")
            .Select(path => $"{path}/{machine.Options.CgroupParent}/burstable").Where(Directory.Exists).ToList().ForEach(Directory.Delete);
    }

    [Theory]
    [InlineData(Signal.Sigusr1, 10)]
    [InlineData(Signal.Sigrtminplus3, 37)]
    public async Task StopSignal_OfTheConfiguration_IsWhatTheContainerGets(Signal signal, int number)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell($"trap 'exit 42' {number}; echo ready; while :; do sleep 0.05; done");
        config.StopSignal = signal;
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, config);
        await machine.UntilLoggedAsync("ready");
        await machine.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 20 });
        ContainerStatus status = await machine.StatusAsync(id);
        Assert.Equal((42, signal), (status.ExitCode, status.StopSignal));
    }

    private static async Task UpdateAsync(CriMachine machine, string id, LinuxContainerResources resources) =>
        await machine.Runtime.UpdateContainerResourcesAsync(new UpdateContainerResourcesRequest { ContainerId = id, Linux = resources });
}
