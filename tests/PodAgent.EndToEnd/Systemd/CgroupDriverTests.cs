using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Conformance;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Systemd;

/// <summary>The cgroup driver systemd: pods are slices, containers are scopes, and both know their limits.</summary>
[Trait("Needs", "systemd")]
public sealed class CgroupDriverTests : IAsyncLifetime
{
    private readonly AgentFixture _agent = new();
    private readonly string _slice;

    public CgroupDriverTests() => _slice = Path.GetFileName(Units.SliceOf(_agent));

    private string Prefix => _slice[..^".slice".Length];

    public Task InitializeAsync() => _agent.InitializeAsync();

    public async Task DisposeAsync()
    {
        await _agent.DisposeAsync();
        Assert.Empty(await Units.LoadedAsync(Prefix + "[-.]"));
    }

    [Fact]
    public async Task RuntimeConfig_OnAMachineOfSystemd_NamesIt()
    {
        Assert.Equal(CgroupDriver.Systemd, (await _agent.Runtime.RuntimeConfigAsync(new RuntimeConfigRequest())).Linux.CgroupDriver);
        CommandResult doctor = await _agent.PodctlAsync("doctor");
        Assert.Matches(@"cgroup driver .*systemd", doctor.Output);
        Assert.Matches(@"systemd .*252.* answers", doctor.Output);
    }

    [Fact]
    public async Task Manifest_PodWithLimits_HasUnitsThatKnowThemAndKeepThem()
    {
        _agent.AddManifest("limited.yaml", PodYaml.Idle("limited", "resources: {requests: {cpu: 250m, memory: 32Mi}, limits: {cpu: 500m, memory: 64Mi}}"));
        Api.Core.Pod pod = await _agent.WaitForPodAsync("limited", pod => pod.Status?.Phase == "Running");
        string podSlice = $"{Prefix}-burstable-pod{pod.Metadata.Uid.Replace('-', '_')}.slice";
        string scope = Units.Scope(pod.Status.ContainerStatuses[0].ContainerID["podagent://".Length..]);

        string[] properties = ["ActiveState", "MemoryMax", "CPUQuotaPerSecUSec", "CPUWeight"];
        Assert.Equal(["active", "67108864", "500ms", "35"], await Units.ShowAsync(podSlice, properties));
        Assert.Equal(["active", "67108864", "500ms", "35"], await Units.ShowAsync(scope, properties));
        Assert.Equal([podSlice, "yes", "infinity"], await Units.ShowAsync(scope, "Slice", "Delegate", "TasksMax"));
        Assert.Equal($"/{_slice}/{Prefix}-burstable.slice/{podSlice}/{scope}", await Units.ShowOneAsync(scope, "ControlGroup"));

        string[] files = ["memory.max", "cpu.max", "cpu.weight"];
        string[] expected = ["67108864", "50000 100000", "35"];
        Assert.Equal(expected, await Units.FilesAsync(podSlice, files));
        Assert.Equal(expected, await Units.FilesAsync(scope, files));

        // A reload, and units that come and go beside it, make systemd write the files of its units anew.
        await Units.SystemctlAsync("daemon-reload");
        (await Command.RunAsync("systemd-run", ["--wait", "--quiet", $"--slice={podSlice}", "-p", "CPUWeight=50", "-p", "MemoryMax=100M", "true"])).Succeeded();
        Assert.Equal(expected, await Units.FilesAsync(podSlice, files));
        Assert.Equal(expected, await Units.FilesAsync(scope, files));
        Assert.Contains("hello", (await _agent.PodctlAsync("exec", "limited", "--", "echo", "hello")).Succeeded(), StringComparison.Ordinal);

        File.Delete(Path.Combine(_agent.Manifests, "limited.yaml"));
        await _agent.WaitUntilGoneAsync("limited");
        Assert.Equal([$"{Prefix}-burstable.slice", _slice], await Units.LoadedAsync(Prefix + "[-.]"));
        Assert.Empty(await Units.LoadedAsync(scope));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cri_SliceAsParent_HoldsScopesAndFollowsUpdates(bool expanded)
    {
        string name = $"{Prefix}-kube-pod1_2.slice";
        string parent = expanded ? $"/{_slice}/{Prefix}-kube.slice/{name}" : name;
        await using (CriPod pod = await CriPod.RunAsync(_agent, config =>
        {
            config.Linux.CgroupParent = parent;
            config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 128 << 20 };
        }))
        {
            Assert.Equal(["active", name, "yes"], await Units.ShowAsync(Units.Scope(pod.Id), "ActiveState", "Slice", "Delegate"));
            Assert.Equal("134217728", await Units.ShowOneAsync(name, "MemoryMax"));
            ContainerConfig config = CriPod.Idle();
            config.Linux = new LinuxContainerConfig
            {
                Resources = new LinuxContainerResources
                {
                    MemoryLimitInBytes = 64 << 20,
                    CpuShares = 1024,
                    CpuQuota = 6_250,
                    CpuPeriod = 50_000,
                    CpusetCpus = "0",
                    CpusetMems = "0",
                    Unified = { ["memory.high"] = "50331648", ["memory.low"] = "1048576", ["pids.max"] = "100" },
                },
            };
            string id = await pod.StartAsync(config);
            string scope = Units.Scope(id);
            Assert.Equal(
                ["active", "67108864", "50331648", "1048576", "100", "100", "130ms", "50ms", "0", "0"],
                await Units.ShowAsync(scope, "ActiveState", "MemoryMax", "MemoryHigh", "MemoryLow", "TasksMax", "CPUWeight", "CPUQuotaPerSecUSec", "CPUQuotaPeriodUSec", "AllowedCPUs", "AllowedMemoryNodes"));
            Assert.Equal(
                ["67108864", "50331648", "1048576", "100", "100", "6250 50000", "0"],
                await Units.FilesAsync(scope, "memory.max", "memory.high", "memory.low", "pids.max", "cpu.weight", "cpu.max", "cpuset.cpus"));

            await _agent.Runtime.UpdateContainerResourcesAsync(new UpdateContainerResourcesRequest
            {
                ContainerId = id,
                Linux = new LinuxContainerResources { MemoryLimitInBytes = 96 << 20, CpuQuota = 20_000 },
            });
            await _agent.Runtime.UpdatePodSandboxResourcesAsync(new UpdatePodSandboxResourcesRequest
            {
                PodSandboxId = pod.Id,
                Resources = new LinuxContainerResources { MemoryLimitInBytes = 256 << 20 },
            });
            await Units.SystemctlAsync("daemon-reload");
            Assert.Equal(["100663296", "400ms", "50ms"], await Units.ShowAsync(scope, "MemoryMax", "CPUQuotaPerSecUSec", "CPUQuotaPeriodUSec"));
            Assert.Equal(["100663296", "20000 50000", "50331648"], await Units.FilesAsync(scope, "memory.max", "cpu.max", "memory.high"));
            Assert.Equal("268435456", await Units.FileAsync(name, "memory.max"));

            // Devices are filtered by a program of the agent's, which systemd leaves alone.
            Assert.Equal("open\ndenied\n", await pod.OutputAsync(id, "sh", "-c", "mknod /mem c 1 1 && mknod /nul c 1 3 && echo x > /nul && echo open; (exec 3< /mem) 2> /dev/null || echo denied"));

            await pod.StopAsync(id, 0);
            await pod.RemoveAsync(id);
            Assert.Empty(await Units.LoadedAsync(scope));
        }

        Assert.Empty(await Units.LoadedAsync("pod1_2"));
    }

    [Fact]
    public async Task Cri_SliceOfTheClient_IsLeftToIt()
    {
        string name = $"{Prefix}-client.slice";
        await Units.SystemctlAsync("start", name);
        try
        {
            await using (CriPod pod = await CriPod.RunAsync(_agent, config => config.Linux.CgroupParent = name))
            {
                Assert.Equal(name, await Units.ShowOneAsync(Units.Scope(await pod.StartAsync(CriPod.Idle())), "Slice"));
            }

            Assert.Equal([name, _slice], await Units.LoadedAsync(Prefix + "[-.]"));
        }
        finally
        {
            await Units.SystemctlAsync("stop", name);
        }
    }

    [Fact]
    public async Task Cri_NoParent_IsASliceOfTheRuntimes()
    {
        await using (CriPod pod = await CriPod.RunAsync(_agent))
        {
            Assert.Equal($"{Prefix}-{pod.Id}.slice", await Units.ShowOneAsync(Units.Scope(pod.Id), "Slice"));
        }

        Assert.Equal([_slice], await Units.LoadedAsync(Prefix + "[-.]"));
    }

    [Theory]
    [InlineData("/kubepods/pod1", "the cgroup driver is systemd, but \"/kubepods/pod1\" is not a slice: it does not end in \".slice\"")]
    [InlineData("/system/a.slice", "\"/system/a.slice\" is not a slice: the control group of a.slice is \"/a.slice\"")]
    [InlineData("a--b.slice", "\"a--b.slice\" is not a slice: a level between its dashes has no name")]
    public async Task Cri_ParentThatIsNoSlice_IsRefused(string parent, string cause)
    {
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => CriPod.RunAsync(_agent, config => config.Linux.CgroupParent = parent));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains(cause, refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cri_ContainerThatEndsAtOnce_LeavesNoUnit()
    {
        await using CriPod pod = await CriPod.RunAsync(_agent);
        for (int i = 0; i < 5; i++)
        {
            (ContainerStatus status, _, _) = await pod.RunToEndAsync(CriPod.Container("true"));
            Assert.Equal((0, "Completed"), (status.ExitCode, status.Reason));
            await pod.RemoveAsync(status.Id);
            Assert.Empty(await Units.LoadedAsync(Units.Scope(status.Id)));
        }
    }

    // systemd removes the scope with its count of kills when the last process in it has ended. Here it is always faster than the supervisor.
    [Fact]
    public async Task Cri_OutOfMemory_IsKnownAlsoWhenTheScopeIsGoneFirst()
    {
        await using CriPod pod = await CriPod.RunAsync(_agent);
        ContainerConfig config = CriPod.Shell("dd if=/dev/zero of=/dev/shm/x bs=1M count=16 2>/dev/null; sleep 100000");
        config.Linux = new LinuxContainerConfig { Resources = new LinuxContainerResources { MemoryLimitInBytes = 48 << 20 } };
        string id = await pod.StartAsync(config);
        string directory = Units.Root + (await Units.ShowOneAsync(Units.Scope(id), "ControlGroup")).TrimStart('/');
        using (var loaded = new CancellationTokenSource(TimeSpan.FromSeconds(30)))
        {
            while (long.Parse(await File.ReadAllTextAsync(directory + "/memory.current"), System.Globalization.CultureInfo.InvariantCulture) < 16 << 20)
            {
                await Task.Delay(20, loaded.Token);
            }
        }

        int process = int.Parse((await File.ReadAllLinesAsync(directory + "/cgroup.procs"))[0], System.Globalization.CultureInfo.InvariantCulture);
        using System.Diagnostics.Process supervisor = Traces.ParentOf(process);
        (await Command.RunAsync("kill", ["-STOP", $"{supervisor.Id}"])).Succeeded();
        try
        {
            // Less than what lies in shared memory, which cannot be reclaimed without swap.
            await File.WriteAllTextAsync(directory + "/memory.max", "4194304");
            using var gone = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (Directory.Exists(directory))
            {
                await Task.Delay(20, gone.Token);
            }
        }
        finally
        {
            (await Command.RunAsync("kill", ["-CONT", $"{supervisor.Id}"])).Succeeded();
        }

        ContainerStatus status = await pod.ExitAsync(id);
        Assert.Equal((137, "OOMKilled"), (status.ExitCode, status.Reason));
    }

    [Fact]
    public async Task Replace_Agent_FindsItsUnitsAgain()
    {
        await using CriPod pod = await CriPod.RunAsync(_agent);
        string id = await pod.StartAsync(CriPod.Idle());
        string[] before = await Units.ShowAsync(Units.Scope(id), "InvocationID", "ControlGroup");

        await _agent.ReplaceAgentAsync();

        Assert.Equal(before, await Units.ShowAsync(Units.Scope(id), "InvocationID", "ControlGroup"));
        Assert.Equal(ContainerState.ContainerRunning, (await pod.StatusAsync(id)).State);
    }

    [Fact]
    public async Task DaemonReexec_RunningPod_GoesOnAndOthersFollow()
    {
        await using CriPod pod = await CriPod.RunAsync(_agent);
        string id = await pod.StartAsync(CriPod.Idle());

        await Units.SystemctlAsync("daemon-reexec");

        Assert.Equal("active", await Units.ShowOneAsync(Units.Scope(id), "ActiveState"));
        string next = await pod.StartAsync(CriPod.Idle());
        Assert.Equal("active", await Units.ShowOneAsync(Units.Scope(next), "ActiveState"));
        Assert.Equal(ContainerState.ContainerRunning, (await pod.StatusAsync(id)).State);
    }

    [Fact]
    public async Task StopUnit_OfAContainer_IsItsEnd()
    {
        await using CriPod pod = await CriPod.RunAsync(_agent);
        string id = await pod.StartAsync(CriPod.Shell("trap 'exit 3' TERM; while :; do sleep 1; done"));
        await pod.OutputAsync(id, "true");

        await Units.SystemctlAsync("stop", Units.Scope(id));

        Assert.Equal(3, (await pod.ExitAsync(id)).ExitCode);
    }
}
