using PodAgent.Containers.Cgroups;
using PodAgent.Linux;

namespace PodAgent.Containers.Tests.Cgroups.V1;

public sealed class V1CgroupTests : IDisposable
{
    private readonly CgroupTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Create_NewCgroup_MakesEveryLevelInEveryHierarchy()
    {
        CgroupHost host = _tree.Legacy("cpu,cpuacct", "memory");

        host.Open("podagent/pod1/c1").Create();

        Assert.True(_tree.Has("cpu,cpuacct/podagent/pod1/c1"));
        Assert.True(_tree.Has("memory/podagent/pod1/c1"));
    }

    [Fact]
    public void Create_Cpuset_InheritsWhereEmptyAndKeepsWhatIsSet()
    {
        CgroupHost host = _tree.Legacy("cpuset");
        _tree.File("cpuset/cpuset.cpus", "0-3\n");
        _tree.File("cpuset/cpuset.mems", "0\n");
        _tree.File("cpuset/podagent/cpuset.cpus", "2");
        _tree.File("cpuset/podagent/cpuset.mems", "\n");
        _tree.File("cpuset/podagent/c1/cpuset.cpus", "\n");
        _tree.File("cpuset/podagent/c1/cpuset.mems", "\n");

        host.Open("podagent/c1").Create();

        Assert.Equal("2", _tree.Read("cpuset/podagent/cpuset.cpus"));
        Assert.Equal("2", _tree.Read("cpuset/podagent/c1/cpuset.cpus").Trim());
        Assert.Equal("0", _tree.Read("cpuset/podagent/c1/cpuset.mems").Trim());
    }

    [Fact]
    public void Create_LimitRefused_RemovesWhatItMade()
    {
        CgroupHost host = _tree.Legacy("cpu", "memory");
        _tree.Make("memory/podagent");

        AgentException e = Assert.Throws<AgentException>(() => host.Open("podagent/c1").Create(new CgroupResources { PidsLimit = 10 }));

        Assert.Equal("cannot set the pids limit of cgroup \"podagent/c1\": the pids controller is not available", e.Message);
        Assert.False(_tree.Has("cpu/podagent"));
        Assert.True(_tree.Has("memory/podagent"));
        Assert.False(_tree.Has("memory/podagent/c1"));
    }

    [Fact]
    public void Update_EveryLimit_IsInItsFile()
    {
        CgroupHost host = _tree.Legacy("cpu", "cpuset", "memory", "pids", "hugetlb", "blkio");
        foreach (string file in new[]
        {
            "cpu/g/cpu.shares", "cpu/g/cpu.cfs_period_us", "cpu/g/cpu.cfs_quota_us", "cpuset/g/cpuset.cpus", "cpuset/g/cpuset.mems",
            "memory/g/memory.limit_in_bytes", "memory/g/memory.memsw.limit_in_bytes", "pids/g/pids.max", "hugetlb/g/hugetlb.2MB.limit_in_bytes",
            "hugetlb/g/hugetlb.2MB.rsvd.limit_in_bytes", "blkio/g/blkio.weight", "blkio/g/blkio.throttle.read_bps_device",
        })
        {
            _tree.File(file);
        }

        host.Open("g").Update(new CgroupResources
        {
            CpuShares = 512,
            CpuPeriod = 50000,
            CpuQuota = 25000,
            CpusetCpus = "0-1",
            CpusetMems = "0",
            MemoryLimit = 1 << 20,
            MemorySwapLimit = 2 << 20,
            PidsLimit = 64,
            HugepageLimits = new Dictionary<string, long> { ["2MB"] = 4 << 20 },
            IoWeight = 100,
            IoLimits = [new IoLimit(8, 0, ReadBytesPerSecond: 1000)],
        });

        Assert.Equal("512", _tree.Read("cpu/g/cpu.shares"));
        Assert.Equal("50000", _tree.Read("cpu/g/cpu.cfs_period_us"));
        Assert.Equal("25000", _tree.Read("cpu/g/cpu.cfs_quota_us"));
        Assert.Equal("0-1", _tree.Read("cpuset/g/cpuset.cpus"));
        Assert.Equal("0", _tree.Read("cpuset/g/cpuset.mems"));
        Assert.Equal("1048576", _tree.Read("memory/g/memory.limit_in_bytes"));
        Assert.Equal("2097152", _tree.Read("memory/g/memory.memsw.limit_in_bytes"));
        Assert.Equal("64", _tree.Read("pids/g/pids.max"));
        Assert.Equal("4194304", _tree.Read("hugetlb/g/hugetlb.2MB.limit_in_bytes"));
        Assert.Equal("4194304", _tree.Read("hugetlb/g/hugetlb.2MB.rsvd.limit_in_bytes"));
        Assert.Equal("100", _tree.Read("blkio/g/blkio.weight"));
        Assert.Equal("8:0 1000", _tree.Read("blkio/g/blkio.throttle.read_bps_device"));
    }

    [Fact]
    public void Update_NoSwapWithoutSwapAccounting_NeedsNoFile()
    {
        CgroupHost host = _tree.Legacy("memory");
        _tree.File("memory/g/memory.limit_in_bytes");

        host.Open("g").Update(new CgroupResources { MemoryLimit = 4096, MemorySwapLimit = 4096 });

        Assert.Equal("4096", _tree.Read("memory/g/memory.limit_in_bytes"));
    }

    [Fact]
    public void Update_SwapLimitWithoutSwapAccounting_IsRefused()
    {
        CgroupHost host = _tree.Legacy("memory");
        _tree.File("memory/g/memory.limit_in_bytes");

        AgentException e = Assert.Throws<AgentException>(() => host.Open("g").Update(new CgroupResources { MemoryLimit = 4096, MemorySwapLimit = 8192 }));

        Assert.Contains("memory controller is not available", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Update_HugePageLimitOfZeroWithoutController_IsKeptAnyway()
    {
        CgroupHost host = _tree.Legacy("cpu");
        _tree.Make("cpu/g");

        host.Open("g").Update(new CgroupResources { HugepageLimits = new Dictionary<string, long> { ["1GB"] = 0 } });

        Assert.Throws<AgentException>(() => host.Open("g").Update(new CgroupResources { HugepageLimits = new Dictionary<string, long> { ["1GB"] = 1 << 30 } }));
    }

    [Fact]
    public void Update_SeveralProblems_AreReportedTogether()
    {
        AgentException e = Assert.Throws<AgentException>(() => _tree.Legacy("memory").Open("g").Update(new CgroupResources
        {
            MemoryLimit = 100,
            MemorySwapLimit = 50,
            CpusetCpus = "0;1",
            CpuQuota = -2,
        }));

        Assert.Equal(ErrorKind.InvalidArgument, e.Kind);
        Assert.Equal(
            "invalid resources for cgroup \"g\": cpu quota -2 is negative; the limit of memory and swap together, 50, is below the memory limit, 100; \"0;1\" is not a list of cpus",
            e.Message);
    }

    [Fact]
    public void Update_UnifiedFile_IsRefused() =>
        Assert.Throws<AgentException>(() => _tree.Legacy("memory").Open("g").Update(new CgroupResources { Unified = new Dictionary<string, string> { ["memory.high"] = "1" } }));

    [Fact]
    public void ReadStats_KernelFiles_AreTranslated()
    {
        CgroupHost host = _tree.Legacy("cpu", "cpuacct", "memory", "pids", "blkio");
        _tree.File("cpu/g/cpu.stat", "nr_periods 10\nnr_throttled 3\nthrottled_time 5000\n");
        _tree.File("cpuacct/g/cpuacct.usage", "123456789\n");
        _tree.File("cpuacct/g/cpuacct.stat", "user 7\nsystem 5\n");
        _tree.File("memory/g/memory.usage_in_bytes", "1000\n");
        _tree.File("memory/g/memory.limit_in_bytes", "4000\n");
        _tree.File("memory/g/memory.stat", "cache 1\ntotal_cache 300\ntotal_rss 600\ntotal_swap 20\ntotal_inactive_file 100\ntotal_pgfault 11\ntotal_pgmajfault 2\n");
        _tree.File("memory/g/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        _tree.File("pids/g/pids.current", "4\n");
        _tree.File("pids/g/pids.max", "max\n");
        _tree.File("blkio/g/blkio.throttle.io_service_bytes_recursive", "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 1\n8:0 Total 12288\nTotal 12288\n");
        _tree.File("blkio/g/blkio.throttle.io_serviced_recursive", "8:0 Read 1\n8:0 Write 2\nTotal 3\n");

        Cgroup cgroup = host.Open("g");
        CgroupStats stats = cgroup.ReadStats();

        Assert.Equal(new CpuStats(123456789, 70_000_000, 50_000_000, 10, 3, 5000), stats.Cpu);
        Assert.Equal(new MemoryStats(1000, 900, 600, 300, 20, 4000, 11, 2, 2), stats.Memory);
        Assert.Equal(3100UL, stats.Memory!.Available);
        Assert.Equal(new PidsStats(4, null), stats.Pids);
        Assert.Equal([new IoStats(8, 0, 4096, 8192, 1, 2)], stats.Io);
        Assert.True(cgroup.OomKilled);
    }

    [Fact]
    public void ReadStats_NoSuchCgroup_IsNotFound() =>
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<AgentException>(() => _tree.Legacy("cpu").Open("g").ReadStats()).Kind);

    [Fact]
    public void Remove_NoSuchCgroup_Succeeds()
    {
        CgroupHost host = _tree.Legacy("cpu", "memory");
        _tree.Make("memory/g");

        host.Open("g").Remove();

        Assert.False(_tree.Has("memory/g"));
    }
}
