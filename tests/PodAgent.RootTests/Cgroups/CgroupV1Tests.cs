using System.Diagnostics;
using PodAgent.Containers.Cgroups;
using PodAgent.Containers.Specs;
using PodAgent.Linux;

namespace PodAgent.RootTests.Cgroups;

/// <summary>The version 1 hierarchies of this machine.</summary>
public sealed class CgroupV1Tests : IDisposable
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
            CpusetCpus = "0",
            MemoryLimit = 64 << 20,
            MemorySwapLimit = 64 << 20,
            PidsLimit = 33,
        });

        Assert.Equal(1, _sandbox.Host.Version);
        Assert.Equal("512", _sandbox.Read(cgroup, "cpu", "cpu.shares"));
        Assert.Equal("50000", _sandbox.Read(cgroup, "cpu", "cpu.cfs_quota_us"));
        Assert.Equal("0", _sandbox.Read(cgroup, "cpuset", "cpuset.cpus"));
        Assert.Equal("0", _sandbox.Read(cgroup, "cpuset", "cpuset.mems"));
        Assert.Equal("67108864", _sandbox.Read(cgroup, "memory", "memory.limit_in_bytes"));
        Assert.Equal("67108864", _sandbox.Read(cgroup, "memory", "memory.memsw.limit_in_bytes"));
        Assert.Equal("33", _sandbox.Read(cgroup, "pids", "pids.max"));
    }

    [Fact]
    public void Create_BelowACpusetThatSomebodyLeftEmpty_TakesProcesses()
    {
        Cgroup outer = _sandbox.Open("pods");
        string left = $"{_sandbox.Directory(_sandbox.Parent, "cpuset")}/pods";
        _sandbox.Parent.Create();
        System.IO.Directory.CreateDirectory(left);
        File.WriteAllText($"{left}/cgroup.clone_children", "0");
        File.WriteAllText($"{left}/cpuset.cpus", "\n");
        Cgroup cgroup = _sandbox.Open("pods/pod1/c1");

        cgroup.Create();

        Process process = _sandbox.Run(cgroup, "read line");
        Assert.Contains(process.Id, cgroup.Processes());
        Assert.Equal(_sandbox.Read(_sandbox.Parent, "cpuset", "cpuset.cpus"), _sandbox.Read(outer, "cpuset", "cpuset.cpus"));
    }

    [Fact]
    public void Update_MemoryUpAndDown_WritesInTheOrderTheKernelAccepts()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { MemoryLimit = 64 << 20, MemorySwapLimit = 64 << 20 });

        cgroup.Update(new CgroupResources { MemoryLimit = 256 << 20, MemorySwapLimit = 256 << 20 });
        Assert.Equal("268435456", _sandbox.Read(cgroup, "memory", "memory.memsw.limit_in_bytes"));

        cgroup.Update(new CgroupResources { MemoryLimit = 32 << 20, MemorySwapLimit = 48 << 20 });
        Assert.Equal("33554432", _sandbox.Read(cgroup, "memory", "memory.limit_in_bytes"));
        Assert.Equal("50331648", _sandbox.Read(cgroup, "memory", "memory.memsw.limit_in_bytes"));

        cgroup.Update(new CgroupResources { MemoryLimit = 128 << 20 });
        Assert.Equal("134217728", _sandbox.Read(cgroup, "memory", "memory.limit_in_bytes"));
        Assert.Equal("134217728", _sandbox.Read(cgroup, "memory", "memory.memsw.limit_in_bytes"));

        cgroup.Update(new CgroupResources { MemoryLimit = -1 });
        Assert.Null(cgroup.ReadStats().Memory!.Limit);
    }

    [Theory]
    [InlineData(1, "1")]
    [InlineData(4194304, "4194304")]
    [InlineData(4194305, "max")]
    [InlineData(-1, "max")]
    public void Update_PidsLimit_IsTakenWhateverItsSize(long limit, string expected)
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { PidsLimit = 5 });

        cgroup.Update(new CgroupResources { PidsLimit = limit });

        Assert.Equal(expected, _sandbox.Read(cgroup, "pids", "pids.max"));
    }

    [Fact]
    public void Update_PeriodThatTheOldQuotaForbids_WritesTheQuotaFirst()
    {
        Cgroup parent = _sandbox.Open("pod1");
        parent.Create(new CgroupResources { CpuPeriod = 100000, CpuQuota = 50000 });
        Cgroup cgroup = _sandbox.Open("pod1/c1");
        cgroup.Create(new CgroupResources { CpuPeriod = 100000, CpuQuota = 50000 });

        // 50000 of 20000 would be five times what the parent has.
        cgroup.Update(new CgroupResources { CpuPeriod = 20000, CpuQuota = 5000 });

        Assert.Equal("20000", _sandbox.Read(cgroup, "cpu", "cpu.cfs_period_us"));
        Assert.Equal("5000", _sandbox.Read(cgroup, "cpu", "cpu.cfs_quota_us"));
    }

    [Fact]
    public void Update_QuotaAboveTheParents_NamesFileValueAndCause()
    {
        _sandbox.Open("pod1").Create(new CgroupResources { CpuPeriod = 100000, CpuQuota = 50000 });
        Cgroup cgroup = _sandbox.Open("pod1/c1");

        AgentException e = Assert.Throws<AgentException>(() => cgroup.Create(new CgroupResources { CpuQuota = 80000 }));

        Assert.Equal($"cannot set cpu.cfs_quota_us of cgroup \"{cgroup.Name}\" to \"80000\": invalid argument (EINVAL)", e.Message);
        Assert.False(cgroup.Exists);
        Assert.True(_sandbox.Open("pod1").Exists);
    }

    [Fact]
    public void ReadStats_BusyProcess_CountsIt()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { PidsLimit = 50, MemoryLimit = 128 << 20 });
        Process process = _sandbox.Run(cgroup, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo counted; read line");
        Assert.Equal("counted", process.StandardOutput.ReadLine());

        CgroupStats stats = cgroup.ReadStats();

        Assert.Equal([process.Id], cgroup.Processes());
        Assert.True(cgroup.HasProcesses);
        Assert.InRange(stats.Cpu!.UsageNanoseconds, 100_000UL, 60_000_000_000UL);
        Assert.InRange(stats.Memory!.Usage, 1UL, 128UL << 20);
        Assert.InRange(stats.Memory.WorkingSet, 1UL, stats.Memory.Usage);
        Assert.Equal(128UL << 20, stats.Memory.Limit);
        Assert.Equal(new PidsStats(1, 50), stats.Pids);
        Assert.False(cgroup.OomKilled);
    }

    [Fact]
    public void Kill_TreeOfProcesses_EndsThemAll()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create();
        Process process = _sandbox.Run(cgroup, "sleep 1000 & sleep 1001 & (sleep 1002 & sleep 1003) & echo; wait");
        Assert.Equal("", process.StandardOutput.ReadLine());

        cgroup.Kill();
        process.WaitForExit();

        Assert.Equal(128 + 9, process.ExitCode);
    }

    [Fact]
    public void Kill_MoreProcessesThanAreHeldAtOnce_EndsThemAll()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create();
        Process process = _sandbox.Run(cgroup, "n=0; while [ $n -lt 300 ]; do sleep 1000 & n=$((n+1)); done; echo; wait");
        Assert.Equal("", process.StandardOutput.ReadLine());
        Assert.Equal(301, cgroup.Processes().Count);

        cgroup.Kill();

        // The output ends when the last of those that hold it has ended.
        Assert.Equal("", process.StandardOutput.ReadToEnd());
    }

    [Fact]
    public void Remove_ForkingProcesses_LeavesNone()
    {
        Cgroup cgroup = _sandbox.Open("pod1/c1");
        cgroup.Create(new CgroupResources { PidsLimit = 64 });
        Process process = _sandbox.Run(cgroup, "echo; while :; do (while :; do /bin/true & done) & /bin/true; done 2>/dev/null");
        Assert.Equal("", process.StandardOutput.ReadLine());

        _sandbox.Open("pod1").Remove();
        process.WaitForExit();

        Assert.False(cgroup.Exists);
        Assert.False(_sandbox.Open("pod1").Exists);
        Assert.True(_sandbox.Parent.Exists);
    }

    [Fact]
    public void Remove_FrozenProcesses_EndsThem()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create();
        Process process = _sandbox.Run(cgroup, "sleep 1000 & echo; wait");
        Assert.Equal("", process.StandardOutput.ReadLine());
        cgroup.Freeze();
        Assert.Equal("FROZEN", _sandbox.Read(cgroup, "freezer", "freezer.state"));

        cgroup.Remove();
        process.WaitForExit();

        Assert.False(cgroup.Exists);
    }

    [Fact]
    public void Remove_ByTwoAtTheSameTime_SucceedsForBoth()
    {
        for (int round = 0; round < 20; round++)
        {
            Cgroup cgroup = _sandbox.Open("c1");
            cgroup.Create();
            cgroup.CreateSubgroup("exec1");

            Parallel.Invoke(cgroup.Remove, () => _sandbox.Open("c1").Remove());

            Assert.False(cgroup.Exists);
        }
    }

    [Fact]
    public void Remove_ProcessInOneHierarchyOnly_IsKilledToo()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create();
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"echo $$ > {_sandbox.Directory(cgroup, "pids")}/tasks; echo; exec sleep 1000"]) { RedirectStandardOutput = true })!;
        Assert.Equal("", process.StandardOutput.ReadLine());

        cgroup.Remove();
        process.WaitForExit();

        Assert.Equal(128 + 9, process.ExitCode);
    }

    [Fact]
    public async Task Freeze_RunningProcess_StandsStillUntilThaw()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create();
        Process process = _sandbox.Run(cgroup, "while read line; do echo $line; done");

        cgroup.Freeze();
        process.StandardInput.WriteLine("hello");
        Task<string?> answer = process.StandardOutput.ReadLineAsync();
        Assert.Equal("FROZEN", _sandbox.Read(cgroup, "freezer", "freezer.state"));
        Assert.False(answer.IsCompleted);

        cgroup.Thaw();
        Assert.Equal("hello", await answer);
    }

    [Fact]
    public void Update_DeviceRules_AreEnforcedAndReplaced()
    {
        const string Script = "echo ok > /dev/null && echo null; (: < /dev/kmsg) 2>/dev/null && echo kmsg; true";
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { Devices = DefaultSpec.DeviceRules([], privileged: false) });
        Assert.Equal("null\n", _sandbox.Run(cgroup, Script).StandardOutput.ReadToEnd());
        Assert.Contains("c *:* m", _sandbox.Read(cgroup, "devices", "devices.list"), StringComparison.Ordinal);
        Assert.DoesNotContain("a *:* rwm", _sandbox.Read(cgroup, "devices", "devices.list"), StringComparison.Ordinal);

        cgroup.Update(new CgroupResources { Devices = DefaultSpec.DeviceRules([], privileged: true) });

        Assert.Equal("null\nkmsg\n", _sandbox.Run(cgroup, Script).StandardOutput.ReadToEnd());
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
    public void Kill_PidsOfOtherCgroups_AreLeftAlone()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        Cgroup other = _sandbox.Open("c10");
        cgroup.Create();
        other.Create();
        Process process = _sandbox.Run(other, "read line; echo alive");

        cgroup.Remove();
        process.StandardInput.WriteLine();

        Assert.Equal("alive", process.StandardOutput.ReadLine());
    }
}
