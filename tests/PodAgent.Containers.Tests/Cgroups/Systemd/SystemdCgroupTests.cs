using PodAgent.Containers.Cgroups;
using PodAgent.Linux;

namespace PodAgent.Containers.Tests.Cgroups.Systemd;

public sealed class SystemdCgroupTests : IDisposable
{
    private const string Pod = "pods.slice/pods-pod1.slice";
    private const string Container = Pod + "/podagent-c1.scope";

    private readonly CgroupTree _tree = new();
    private readonly FakeUnits _units;
    private readonly CgroupHost _host;

    public SystemdCgroupTests()
    {
        _tree.File("cgroup.controllers", "cpu memory");
        _tree.File("cgroup.subtree_control");
        _units = new FakeUnits(_tree.Root);
        _host = CgroupHost.ForUnified(_tree.Root, units: _units);
        _tree.File(Container + "/cgroup.events", "populated 1\nfrozen 0\n");
    }

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Open_PathOfAUnit_IsOne()
    {
        Assert.True(_host.Open(Pod).IsUnit);
        Assert.True(_host.Open(Container).IsUnit);
        Assert.False(_host.Open(Container + "/exec-1").IsUnit);
        Assert.False(_host.Open("podagent/pod1").IsUnit);
        Assert.False(CgroupHost.ForUnified(_tree.Root).Open(Pod).IsUnit);
    }

    [Fact]
    public void Create_Slice_IsStartedAfterThoseAboveIt()
    {
        _host.Open("others.slice/others-pod1.slice").Create();

        Assert.Equal(["start others.slice", "start others-pod1.slice"], _units.Calls);
        Assert.Contains("DefaultDependencies=no", _units.Properties["others.slice"], StringComparison.Ordinal);
        Assert.True(_tree.Has("others.slice/others-pod1.slice"));
    }

    [Fact]
    public void Create_SliceWithLimits_TellsThemAndWritesThem()
    {
        _tree.UnifiedGroup(Pod, "cpu memory", "memory.max", "cpu.max");

        _host.Open(Pod).Create(new CgroupResources { MemoryLimit = 1 << 20, CpuQuota = 50_000, CpuPeriod = 100_000 });

        Assert.Equal(["start pods-pod1.slice"], _units.Calls);
        Assert.EndsWith("\nCPUQuotaPerSecUSec=500000\nCPUQuotaPeriodUSec=100000\nMemoryMax=1048576", _units.Properties["pods-pod1.slice"], StringComparison.Ordinal);
        Assert.Equal("1048576", _tree.Read(Pod + "/memory.max"));
        Assert.Equal("50000 100000", _tree.Read(Pod + "/cpu.max"));
    }

    [Fact]
    public void Create_SliceThatIsThere_GetsTheLimits()
    {
        _tree.UnifiedGroup(Pod, "cpu memory", "memory.max");
        _units.Loaded["pods-pod1.slice"] = "active";

        _host.Open(Pod).Create(new CgroupResources { MemoryLimit = 1 << 20 });

        Assert.Equal(["start pods-pod1.slice", "set pods-pod1.slice"], _units.Calls);
        Assert.Equal("MemoryMax=1048576", _units.Properties["pods-pod1.slice"]);
    }

    [Fact]
    public void Create_SliceWhoseLimitTheKernelRefuses_IsStoppedAgain()
    {
        _tree.UnifiedGroup(Pod, "cpu");

        Assert.Throws<AgentException>(() => _host.Open(Pod).Create(new CgroupResources { MemoryLimit = 1 << 20 }));

        Assert.Empty(_units.Loaded);
    }

    [Fact]
    public void Create_InvalidLimit_AsksNobody()
    {
        Assert.Throws<AgentException>(() => _host.Open(Pod).Create(new CgroupResources { MemoryLimit = -2 }));

        Assert.Empty(_units.Calls);
    }

    [Fact]
    public void Create_Scope_IsADirectoryUntilAProcessIsInIt()
    {
        _tree.UnifiedGroup(Container, "cpu memory", "memory.max");

        _host.Open(Container).Create(new CgroupResources { MemoryLimit = 1 << 20 });

        Assert.Empty(_units.Calls);
        Assert.Equal("1048576", _tree.Read(Container + "/memory.max"));
    }

    [Fact]
    public void Register_Scope_IsDelegatedInItsSliceWithProcessAndLimits()
    {
        _tree.UnifiedGroup(Container, "memory pids", "memory.max", "pids.max");

        _host.Open(Container).Register(4711, new CgroupResources { MemoryLimit = 1 << 20, PidsLimit = 10 });

        string[] told = _units.Properties["podagent-c1.scope"].Split('\n');
        Assert.Contains("Slice=pods-pod1.slice", told);
        Assert.Contains("Delegate=yes", told);
        Assert.Contains("PIDs=4711", told);
        Assert.Contains("CollectMode=inactive-or-failed", told);
        Assert.Contains("MemoryMax=1048576", told);

        // The last one wins.
        Assert.Equal("TasksMax=10", told.Last(line => line.StartsWith("TasksMax=", StringComparison.Ordinal)));
    }

    [Fact]
    public void Register_QuotaThatSystemdRounds_IsExactInTheFile()
    {
        _tree.UnifiedGroup(Container, "cpu");
        _units.Started = _ => _tree.File(Container + "/cpu.max", "13000 100000\n");

        _host.Open(Container).Register(4711, new CgroupResources { CpuQuota = 12_500, CpuPeriod = 100_000 });

        Assert.StartsWith("12500 100000", _tree.Read(Container + "/cpu.max"), StringComparison.Ordinal);
    }

    [Fact]
    public void Register_ScopeWhoseProcessHasEnded_IsStoppedAgain()
    {
        _tree.File(Container + "/cgroup.events", "populated 0\nfrozen 0\n");

        _host.Open(Container).Register(4711, null);

        Assert.Empty(_units.Loaded);
    }

    [Fact]
    public void Register_ScopeWithoutLimits_HasNoShareOfTasks()
    {
        _host.Open(Container).Register(4711, null);

        Assert.Contains("TasksMax=infinity", _units.Properties["podagent-c1.scope"].Split('\n'));
    }

    [Fact]
    public void Register_ActiveScope_StaysAsItIs()
    {
        _units.Loaded["podagent-c1.scope"] = "active";

        _host.Open(Container).Register(4711, null);

        Assert.Equal(["start podagent-c1.scope"], _units.Calls);
    }

    [Fact]
    public void Register_FailedScopeOfThatName_IsForgottenFirst()
    {
        _units.Loaded["podagent-c1.scope"] = "failed";

        _host.Open(Container).Register(4711, null);

        Assert.Equal(["start podagent-c1.scope", "reset podagent-c1.scope", "start podagent-c1.scope"], _units.Calls);
        Assert.Equal("active", _units.Loaded["podagent-c1.scope"]);
    }

    [Fact]
    public void Register_ScopeThatIsJustEnding_IsRefused()
    {
        _units.Loaded["podagent-c1.scope"] = "deactivating";

        var refused = Assert.Throws<AgentException>(() => _host.Open(Container).Register(4711, null));

        Assert.Equal("systemd has a unit \"podagent-c1.scope\" already, which is \"deactivating\"", refused.Message);
    }

    [Fact]
    public void Update_QuotaAlone_KeepsThePeriodInForce()
    {
        _tree.UnifiedGroup(Container, "cpu");
        _tree.File(Container + "/cpu.max", "5000 50000\n");
        _units.Loaded["podagent-c1.scope"] = "active";

        _host.Open(Container).Update(new CgroupResources { CpuQuota = 10_000 });

        Assert.Equal("CPUQuotaPerSecUSec=200000\nCPUQuotaPeriodUSec=50000", _units.Properties["podagent-c1.scope"]);
        Assert.StartsWith("10000", _tree.Read(Container + "/cpu.max"), StringComparison.Ordinal);
    }

    [Fact]
    public void Update_ScopeWithoutUnitYet_WritesTheFiles()
    {
        _tree.UnifiedGroup(Container, "memory", "memory.max");

        _host.Open(Container).Update(new CgroupResources { MemoryLimit = 4096 });

        Assert.Equal("4096", _tree.Read(Container + "/memory.max"));
    }

    [Fact]
    public void Remove_Unit_IsStoppedAndForgotten()
    {
        _host.Open(Container).Register(4711, null);
        _units.Calls.Clear();

        _host.Open(Container).Remove();

        Assert.Equal(["stop podagent-c1.scope", "reset podagent-c1.scope"], _units.Calls);
        Assert.Empty(_units.Loaded);
    }

    [Fact]
    public void Remove_UnitThatSystemdHasForgotten_IsNoError()
    {
        Directory.Delete(Path.Combine(_tree.Root, Container), recursive: true);

        _host.Open(Container).Remove();

        Assert.Equal(["stop podagent-c1.scope"], _units.Calls);
    }
}
