using PodAgent.Containers.Cgroups;
using PodAgent.Linux;

namespace PodAgent.Containers.Tests.Cgroups.V2;

public sealed class V2CgroupTests : IDisposable
{
    private readonly CgroupTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Create_ControllersAvailable_EnablesTheMissingOnesOnTheWayDown()
    {
        CgroupHost host = _tree.Unified("cpuset cpu io memory pids misc");
        _tree.UnifiedGroup("podagent", "cpuset cpu io memory pids");
        _tree.File("podagent/cgroup.subtree_control", "cpu memory");

        host.Open("podagent/pod1").Create();

        Assert.Equal("+cpuset +cpu +io +memory +pids", _tree.Read("cgroup.subtree_control"));
        Assert.StartsWith("+cpuset +io +pids", _tree.Read("podagent/cgroup.subtree_control"), StringComparison.Ordinal);
        Assert.True(_tree.Has("podagent/pod1"));
    }

    [Fact]
    public void Create_BelowThreadedCgroup_IsRefusedAndUndone()
    {
        CgroupHost host = _tree.Unified("cpu");
        _tree.UnifiedGroup("podagent", "cpu");
        _tree.File("podagent/pod1/cgroup.type", "domain invalid\n");

        AgentException e = Assert.Throws<AgentException>(() => host.Open("podagent/pod1").Create());

        Assert.Equal("cannot use cgroup \"podagent/pod1\": its type is \"domain invalid\" because \"podagent\" is part of a threaded subtree", e.Message);
    }

    [Fact]
    public void Update_ControllerNotOnTheMachine_IsNamed()
    {
        CgroupHost host = _tree.Unified("cpu");
        _tree.UnifiedGroup("g", "cpu");

        AgentException e = Assert.Throws<AgentException>(() => host.Open("g").Update(new CgroupResources { MemoryLimit = 4096 }));

        Assert.Equal("cannot set memory limits of cgroup \"g\": the memory controller is not available", e.Message);
    }

    [Fact]
    public void Update_ControllerWithheldByInnerProcesses_NamesThem()
    {
        CgroupHost host = _tree.Unified("memory");
        _tree.File("podagent/cgroup.controllers", "memory");
        _tree.File("podagent/cgroup.procs", "4242\n");
        _tree.File("podagent/c1/cgroup.controllers", "");

        AgentException e = Assert.Throws<AgentException>(() => host.Open("podagent/c1").Update(new CgroupResources { MemoryLimit = 4096 }));

        Assert.Equal(
            "cannot set memory limits of cgroup \"podagent/c1\": the memory controller is not available below \"podagent\": processes 4242 live in it, and cgroup v2 allows them only in leaves",
            e.Message);
    }

    [Fact]
    public void Update_EveryLimit_IsInItsFile()
    {
        CgroupHost host = _tree.Unified("cpu cpuset memory pids io hugetlb");
        _tree.UnifiedGroup(
            "g", "cpu cpuset memory pids io hugetlb", "cpu.weight", "cpu.max", "cpuset.cpus", "cpuset.mems", "memory.max", "memory.swap.max", "memory.low",
            "memory.high", "memory.oom.group", "pids.max", "io.weight", "io.max", "hugetlb.2MB.max", "hugetlb.2MB.rsvd.max");

        host.Open("g").Update(new CgroupResources
        {
            CpuShares = 1024,
            CpuPeriod = 50000,
            CpuQuota = 25000,
            CpusetCpus = "0-1",
            CpusetMems = "0",
            MemoryLimit = 1 << 20,
            MemorySwapLimit = 3 << 20,
            MemoryReservation = 4096,
            MemoryOomGroup = true,
            PidsLimit = -1,
            IoWeight = 1000,
            IoLimits = [new IoLimit(8, 16, WriteBytesPerSecond: 5, ReadOperationsPerSecond: 7)],
            HugepageLimits = new Dictionary<string, long> { ["2MB"] = 0 },
            Unified = new Dictionary<string, string> { ["memory.high"] = "900000" },
        });

        Assert.Equal("100", _tree.Read("g/cpu.weight"));
        Assert.Equal("25000 50000", _tree.Read("g/cpu.max"));
        Assert.Equal("0-1", _tree.Read("g/cpuset.cpus"));
        Assert.Equal("0", _tree.Read("g/cpuset.mems"));
        Assert.Equal("1048576", _tree.Read("g/memory.max"));
        Assert.Equal("2097152", _tree.Read("g/memory.swap.max"));
        Assert.Equal("4096", _tree.Read("g/memory.low"));
        Assert.Equal("1", _tree.Read("g/memory.oom.group"));
        Assert.Equal("max", _tree.Read("g/pids.max"));
        Assert.Equal("10000", _tree.Read("g/io.weight"));
        Assert.Equal("8:16 wbps=5 riops=7", _tree.Read("g/io.max"));
        Assert.Equal("0", _tree.Read("g/hugetlb.2MB.max"));
        Assert.Equal("900000", _tree.Read("g/memory.high"));
    }

    [Theory]
    [InlineData(25000L, null, "100000 100000\n", "25000")]
    [InlineData(-1L, null, "25000 100000\n", "max")]
    [InlineData(null, 50000UL, "25000 100000\n", "25000 50000")]
    [InlineData(null, 50000UL, "max 100000\n", "max 50000")]
    public void Update_QuotaAndPeriodAlone_CpuMax(long? quota, ulong? period, string before, string after)
    {
        CgroupHost host = _tree.Unified("cpu");
        _tree.UnifiedGroup("g", "cpu");
        _tree.File("g/cpu.max", before);

        host.Open("g").Update(new CgroupResources { CpuQuota = quota, CpuPeriod = period });

        Assert.StartsWith(after, _tree.Read("g/cpu.max"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4096L, 4096L, "0")]
    [InlineData(4096L, -1L, "max")]
    [InlineData(-1L, 0L, "max")]
    [InlineData(-1L, -1L, "max")]
    [InlineData(4096L, 12288L, "8192")]
    public void Update_MemoryAndSwapTogether_BecomesSwapAlone(long memory, long swap, string expected)
    {
        CgroupHost host = _tree.Unified("memory");
        _tree.UnifiedGroup("g", "memory", "memory.max", "memory.swap.max");

        host.Open("g").Update(new CgroupResources { MemoryLimit = memory, MemorySwapLimit = swap });

        Assert.Equal(expected, _tree.Read("g/memory.swap.max"));
    }

    [Fact]
    public void Update_SwapLimitWithoutMemoryLimit_IsRefused()
    {
        CgroupHost host = _tree.Unified("memory");
        _tree.UnifiedGroup("g", "memory", "memory.max", "memory.swap.max");

        Assert.Equal(
            ErrorKind.InvalidArgument,
            Assert.Throws<AgentException>(() => host.Open("g").Update(new CgroupResources { MemorySwapLimit = 4096 })).Kind);
    }

    [Theory]
    [InlineData("cgroup.procs")]
    [InlineData("../memory.max")]
    [InlineData("memory")]
    [InlineData("memory.max\n")]
    public void Update_UnifiedNameThatIsNoControllerFile_IsRefused(string name)
    {
        CgroupHost host = _tree.Unified("memory");
        _tree.UnifiedGroup("g", "memory");

        Assert.Equal(
            ErrorKind.InvalidArgument,
            Assert.Throws<AgentException>(() => host.Open("g").Update(new CgroupResources { Unified = new Dictionary<string, string> { [name] = "1" } })).Kind);
    }

    [Fact]
    public void Update_FileTheKernelLacks_NamesFileAndValue()
    {
        CgroupHost host = _tree.Unified("cpu");
        _tree.UnifiedGroup("g", "cpu");

        AgentException e = Assert.Throws<AgentException>(() => host.Open("g").Update(new CgroupResources { CpuShares = 1024 }));

        Assert.Equal("cannot set cpu.weight of cgroup \"g\" to \"100\": no such file or directory (ENOENT)", e.Message);
    }

    [Fact]
    public void CreateSubgroup_ProcessesInside_HandsNoControllersDown()
    {
        CgroupHost host = _tree.Unified("cpu memory");
        _tree.File("c1/cgroup.controllers", "cpu memory");
        _tree.File("c1/cgroup.subtree_control");

        Cgroup exec = host.Open("c1").CreateSubgroup("exec1");

        Assert.Equal("c1/exec1", exec.Name);
        Assert.True(exec.Exists);
        Assert.Equal("", _tree.Read("c1/cgroup.subtree_control"));
        Assert.Throws<AgentException>(() => host.Open("c1").CreateSubgroup("../x"));
        Assert.Throws<AgentException>(() => host.Open("c1").CreateSubgroup(""));
    }

    [Fact]
    public void ReadStats_KernelFiles_AreTranslated()
    {
        CgroupHost host = _tree.Unified("cpu memory pids io");
        _tree.File("g/cpu.stat", "usage_usec 100\nuser_usec 60\nsystem_usec 40\nnr_periods 9\nnr_throttled 2\nthrottled_usec 30\n");
        _tree.File("g/memory.current", "1000\n");
        _tree.File("g/memory.max", "max\n");
        _tree.File("g/memory.swap.current", "5\n");
        _tree.File("g/memory.swap.max", "50\n");
        _tree.File("g/memory.peak", "2000\n");
        _tree.File("g/memory.stat", "anon 600\nfile 300\nkernel 20\nfile_mapped 30\ninactive_file 1200\npgfault 11\npgmajfault 2\n");
        _tree.File("g/memory.events", "low 0\nhigh 0\nmax 4\noom 3\noom_kill 1\n");
        _tree.File("g/pids.current", "4\n");
        _tree.File("g/pids.max", "10\n");
        _tree.File("g/io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n7:0 \n");
        _tree.File("g/cpu.pressure", "some avg10=1.50 avg60=0.25 avg300=0.00 total=77\n");

        CgroupStats stats = host.Open("g").ReadStats();

        Assert.Equal(new CpuStats(100_000, 60_000, 40_000, 9, 2, 30_000), stats.Cpu);
        Assert.Equal(new MemoryStats(1000, 0, 600, 300, 5, null, 11, 2, 1) { SwapLimit = 50, MappedFile = 30, Kernel = 20, Peak = 2000, LimitHits = 4 }, stats.Memory);
        Assert.Null(stats.Memory!.Available);
        Assert.Equal(new PidsStats(4, 10), stats.Pids);
        Assert.Equal([new IoStats(8, 0, 1, 2, 3, 4)], stats.Io);
        Assert.Equal(new PressureLine(1.5, 0.25, 0, 77), stats.Pressure!.Cpu!.Some);
        Assert.Null(stats.Pressure.Memory);
    }
}
