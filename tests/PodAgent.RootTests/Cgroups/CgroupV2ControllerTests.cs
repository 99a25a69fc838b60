using System.Diagnostics;
using System.Globalization;
using PodAgent.Containers.Cgroups;
using PodAgent.Linux;

namespace PodAgent.RootTests.Cgroups;

/// <summary>The controllers of version 2, on a machine where it is the only version.</summary>
[Trait("Needs", "cgroup-v2")]
public sealed class CgroupV2ControllerTests : IDisposable
{
    private readonly CgroupSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Create_WithLimits_KernelReadsThemBack()
    {
        Cgroup cgroup = _sandbox.Open("burstable/pod1/c1");

        cgroup.Create(new CgroupResources
        {
            CpuShares = 512,
            CpuQuota = 50000,
            CpuPeriod = 100000,
            CpuBurst = 10000,
            CpusetCpus = "0",
            CpusetMems = "0",
            MemoryLimit = 64 << 20,
            MemorySwapLimit = 80 << 20,
            MemoryReservation = 32 << 20,
            MemoryOomGroup = true,
            PidsLimit = 33,
        });

        Assert.Equal(2, _sandbox.Host.Version);
        Assert.Equal(CpuWeight.FromShares(512), ulong.Parse(Read(cgroup, "cpu.weight"), CultureInfo.InvariantCulture));
        Assert.Equal("50000 100000", Read(cgroup, "cpu.max"));
        Assert.Equal("10000", Read(cgroup, "cpu.max.burst"));
        Assert.Equal("0", Read(cgroup, "cpuset.cpus"));
        Assert.Equal("0", Read(cgroup, "cpuset.mems"));
        Assert.Equal("67108864", Read(cgroup, "memory.max"));
        Assert.Equal("16777216", Read(cgroup, "memory.swap.max"));
        Assert.Equal("33554432", Read(cgroup, "memory.low"));
        Assert.Equal("1", Read(cgroup, "memory.oom.group"));
        Assert.Equal("33", Read(cgroup, "pids.max"));
    }

    [Theory]
    [InlineData("memory.high", "50331648")]
    [InlineData("memory.min", "8388608")]
    [InlineData("cpu.weight", "77")]
    [InlineData("pids.max", "17")]
    public void Create_UnifiedSetting_IsWrittenAsItIs(string file, string value)
    {
        Cgroup cgroup = _sandbox.Open("c1");

        cgroup.Create(new CgroupResources { MemoryLimit = 64 << 20, Unified = new Dictionary<string, string> { [file] = value } });

        Assert.Equal(value, Read(cgroup, file));
        Assert.Equal("67108864", Read(cgroup, "memory.max"));
    }

    [Fact]
    public void Create_UnifiedSettingThatTheKernelRefuses_IsNamedAndUndone()
    {
        Cgroup cgroup = _sandbox.Open("c1");

        AgentException e = Assert.Throws<AgentException>(() => cgroup.Create(new CgroupResources { Unified = new Dictionary<string, string> { ["cpu.weight"] = "123456" } }));

        Assert.Contains($"cannot set cpu.weight of cgroup \"{cgroup.Name}\" to \"123456\"", e.Message, StringComparison.Ordinal);
        Assert.False(cgroup.Exists);
    }

    [Fact]
    public void Update_QuotaAlone_LeavesThePeriodAndTheRest()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { CpuQuota = 50000, CpuPeriod = 200000, CpuShares = 1024, PidsLimit = 9 });

        cgroup.Update(new CgroupResources { CpuQuota = 30000 });
        Assert.Equal("30000 200000", Read(cgroup, "cpu.max"));

        cgroup.Update(new CgroupResources { CpuPeriod = 100000 });
        Assert.Equal("30000 100000", Read(cgroup, "cpu.max"));

        cgroup.Update(new CgroupResources { CpuQuota = -1, PidsLimit = -1 });
        Assert.Equal("max 100000", Read(cgroup, "cpu.max"));
        Assert.Equal("max", Read(cgroup, "pids.max"));
        Assert.Equal(CpuWeight.FromShares(1024).ToString(CultureInfo.InvariantCulture), Read(cgroup, "cpu.weight"));
    }

    [Fact]
    public void Update_MemoryUpAndDown_KeepsMemoryAndSwapInStep()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { MemoryLimit = 64 << 20, MemorySwapLimit = 64 << 20 });
        Assert.Equal("0", Read(cgroup, "memory.swap.max"));

        cgroup.Update(new CgroupResources { MemoryLimit = 32 << 20, MemorySwapLimit = 48 << 20 });
        Assert.Equal("33554432", Read(cgroup, "memory.max"));
        Assert.Equal("16777216", Read(cgroup, "memory.swap.max"));

        cgroup.Update(new CgroupResources { MemoryLimit = -1 });
        Assert.Equal("max", Read(cgroup, "memory.max"));
        Assert.Equal("max", Read(cgroup, "memory.swap.max"));
        Assert.Null(cgroup.ReadStats().Memory!.Limit);
    }

    [Fact]
    public void Create_BelowACgroupWithProcesses_NamesThemAndIsUndone()
    {
        Cgroup parent = _sandbox.Open("pod1");
        parent.Create();
        Process process = _sandbox.Run(parent, "exec sleep 1000");
        Cgroup cgroup = _sandbox.Open("pod1/c1");

        AgentException e = Assert.Throws<AgentException>(() => cgroup.Create(new CgroupResources { MemoryLimit = 64 << 20 }));

        Assert.Contains($"processes {process.Id} live in it, and cgroup v2 allows them only in leaves", e.Message, StringComparison.Ordinal);
        Assert.False(cgroup.Exists);
        Assert.False(process.HasExited);
        Assert.Equal("domain", Read(parent, "cgroup.type"));
    }

    [Fact]
    public void Create_ManyLevels_EnablesControllersOnTheWay()
    {
        Cgroup cgroup = _sandbox.Open("burstable/pod1/c1");
        cgroup.Create();

        string[] expected = ["cpu", "cpuset", "io", "memory", "pids"];
        Assert.Subset(Read(_sandbox.Parent, "cgroup.subtree_control").Split(' ').ToHashSet(), expected.ToHashSet());
        Assert.Subset(Read(_sandbox.Open("burstable/pod1"), "cgroup.subtree_control").Split(' ').ToHashSet(), expected.ToHashSet());

        // Containers are leaves: what runs in them needs no controllers further down.
        Assert.Equal("", Read(cgroup, "cgroup.subtree_control"));
    }

    [Fact]
    public void PidsLimit_Reached_RefusesTheNextProcess()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { PidsLimit = 1 });

        Process process = _sandbox.Run(cgroup, "/bin/true & echo forked");

        Assert.Equal("", process.StandardOutput.ReadToEnd());
        Assert.Equal("max 1", Read(cgroup, "pids.events"));
    }

    [Fact]
    public void OomKills_ProcessAboveTheLimit_AreCounted()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { MemoryLimit = 16 << 20, MemorySwapLimit = 16 << 20 });

        Process process = _sandbox.Run(cgroup, "exec tail /dev/zero");
        process.WaitForExit();

        Assert.Equal(128 + 9, process.ExitCode);
        Assert.Equal(1UL, cgroup.OomKills);
        Assert.True(cgroup.OomKilled);
    }

    [Fact]
    public void OomGroup_OneProcessAboveTheLimit_EndsAllOfThem()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { MemoryLimit = 16 << 20, MemorySwapLimit = 16 << 20, MemoryOomGroup = true });

        Process process = _sandbox.Run(cgroup, "sleep 1000 & tail /dev/zero; echo survived");

        // The output ends when the last of those that hold it ends: a process closes its files before it leaves its cgroup.
        Assert.Equal("", process.StandardOutput.ReadToEnd());
        Assert.True(SpinWait.SpinUntil(() => !cgroup.HasProcesses, TimeSpan.FromSeconds(10)));
        Assert.True(cgroup.OomKills >= 3, $"{cgroup.OomKills} kills");
    }

    [Fact]
    public void Kill_TreeOfProcesses_EndsThemAll()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create();
        Process process = _sandbox.Run(cgroup, "n=0; while [ $n -lt 100 ]; do sleep 1000 & n=$((n+1)); done; echo; wait");
        Assert.Equal("", process.StandardOutput.ReadLine());
        Assert.Equal(101, cgroup.Processes().Count);

        cgroup.Kill();

        Assert.Equal("", process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        Assert.Equal(128 + 9, process.ExitCode);
    }

    [Fact]
    public void ReadStats_BusyProcess_CountsIt()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { PidsLimit = 50, MemoryLimit = 128 << 20 });
        Process process = _sandbox.Run(cgroup, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo counted; read line");
        Assert.Equal("counted", process.StandardOutput.ReadLine());

        CgroupStats stats = cgroup.ReadStats();

        Assert.InRange(stats.Cpu!.UsageNanoseconds, 100_000UL, 600_000_000_000UL);
        Assert.InRange(stats.Memory!.Usage, 1UL, 128UL << 20);
        Assert.InRange(stats.Memory.WorkingSet, 1UL, stats.Memory.Usage);
        Assert.Equal(128UL << 20, stats.Memory.Limit);
        Assert.Equal(new PidsStats(1, 50), stats.Pids);
        Assert.NotNull(stats.Pressure?.Cpu);
        Assert.NotNull(stats.Pressure?.Memory);
    }

    [Fact]
    public void Io_LimitsAndWeight_AreInForceAndCounted()
    {
        (string disk, long major, long minor) = WholeDisk();
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources
        {
            IoWeight = 500,
            IoLimits = [new IoLimit(major, minor, ReadBytesPerSecond: 1 << 20, WriteOperationsPerSecond: 100)],
        });

        Assert.Equal($"{major}:{minor} rbps=1048576 wbps=max riops=max wiops=100", Read(cgroup, "io.max"));
        Assert.True(File.Exists($"{cgroup.Paths[0]}/io.bfq.weight") || Read(cgroup, "io.weight") == "default 4950");

        Process process = _sandbox.Run(cgroup, $"dd if=/dev/{disk} of=/dev/null bs=64k count=1 iflag=direct 2>/dev/null && echo done; read line");
        Assert.Equal("done", process.StandardOutput.ReadLine());
        Assert.Contains(cgroup.ReadStats().Io, io => io.Major == major && io.Minor == minor && io.ReadBytes >= 65536);
    }

    [Fact]
    public void Hugepages_Limit_IsInForceForPagesAndReservations()
    {
        Cgroup cgroup = _sandbox.Open("c1");

        cgroup.Create(new CgroupResources { HugepageLimits = new Dictionary<string, long> { ["2MB"] = 4 << 20 } });

        Assert.Equal("4194304", Read(cgroup, "hugetlb.2MB.max"));
        Assert.Equal("4194304", Read(cgroup, "hugetlb.2MB.rsvd.max"));
    }

    private string Read(Cgroup cgroup, string file) => _sandbox.Read(cgroup, "", file);

    private static (string Name, long Major, long Minor) WholeDisk()
    {
        string disk = Directory.EnumerateDirectories("/sys/block").Select(path => Path.GetFileName(path)!).First(name => name.StartsWith("vd", StringComparison.Ordinal) || name.StartsWith("sd", StringComparison.Ordinal) || name.StartsWith("nvme", StringComparison.Ordinal));
        string[] numbers = File.ReadAllText($"/sys/block/{disk}/dev").Trim().Split(':');
        return (disk, long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture));
    }
}
