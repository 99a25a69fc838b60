using PodAgent.Containers.Cgroups;
using PodAgent.Containers.Cgroups.Systemd;

namespace PodAgent.Containers.Tests.Cgroups.Systemd;

public sealed class UnitLimitsTests
{
    public static TheoryData<CgroupResources, string> Cases => new()
    {
        { new CgroupResources(), "" },
        { new CgroupResources { CpuShares = 1024 }, "CPUWeight=100" },
        { new CgroupResources { CpuShares = 0, CpuQuota = 0, CpuPeriod = 0, MemoryLimit = 0, PidsLimit = 0 }, "" },
        { new CgroupResources { CpuQuota = 150_000, CpuPeriod = 100_000 }, "CPUQuotaPerSecUSec=1500000 CPUQuotaPeriodUSec=100000" },

        // A reload keeps whole percents only.
        { new CgroupResources { CpuQuota = 12_500, CpuPeriod = 100_000 }, "CPUQuotaPerSecUSec=130000 CPUQuotaPeriodUSec=100000" },
        { new CgroupResources { CpuQuota = -1 }, "CPUQuotaPerSecUSec=infinity CPUQuotaPeriodUSec=100000" },
        { new CgroupResources { CpuQuota = 10_000 }, "CPUQuotaPerSecUSec=100000 CPUQuotaPeriodUSec=100000" },
        { new CgroupResources { CpuPeriod = 50_000 }, "CPUQuotaPerSecUSec=infinity CPUQuotaPeriodUSec=50000" },
        { new CgroupResources { MemoryLimit = 4096 }, "MemoryMax=4096" },
        { new CgroupResources { MemoryLimit = 4096, MemorySwapLimit = 12288 }, "MemoryMax=4096 MemorySwapMax=8192" },
        { new CgroupResources { MemoryLimit = 4096, MemorySwapLimit = 4096 }, "MemoryMax=4096 MemorySwapMax=0" },
        { new CgroupResources { MemoryLimit = 4096, MemorySwapLimit = -1 }, "MemoryMax=4096 MemorySwapMax=infinity" },
        { new CgroupResources { MemoryLimit = -1 }, "MemoryMax=infinity MemorySwapMax=infinity" },
        { new CgroupResources { MemoryReservation = 4096 }, "MemoryLow=4096" },
        { new CgroupResources { PidsLimit = 7 }, "TasksMax=7" },
        { new CgroupResources { PidsLimit = -1 }, "TasksMax=infinity" },
        { new CgroupResources { CpusetCpus = "0-1,9", CpusetMems = "0" }, "AllowedCPUs=0302 AllowedMemoryNodes=01" },
        { new CgroupResources { CpusetCpus = "", CpusetMems = "" }, "" },
        { new CgroupResources { IoWeight = 10 }, "IOWeight=1" },
        { new CgroupResources { IoWeight = 1000 }, "IOWeight=10000" },
        { Unified("memory.high", "4096"), "MemoryHigh=4096" },
        { Unified("memory.min", "max\n"), "MemoryMin=infinity" },
        { Unified("memory.low", "1"), "MemoryLow=1" },
        { Unified("memory.swap.max", "0"), "MemorySwapMax=0" },
        { Unified("pids.max", "3"), "TasksMax=3" },
        { Unified("cpu.weight", "50"), "CPUWeight=50" },
        { Unified("cpu.max", "50000 200000"), "CPUQuotaPerSecUSec=250000 CPUQuotaPeriodUSec=200000" },
        { Unified("cpu.max", "max"), "CPUQuotaPerSecUSec=infinity CPUQuotaPeriodUSec=100000" },
        { Unified("cpuset.cpus", "3"), "AllowedCPUs=08" },

        // No property, or nothing that can be read: the file alone.
        { Unified("memory.oom.group", "1"), "" },
        { Unified("memory.high", "4K"), "" },
        { Unified("cpu.max", "much"), "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_Resources_AreProperties(CgroupResources resources, string properties) =>
        Assert.Equal(properties, string.Join(' ', UnitLimits.Of(resources)));

    [Fact]
    public void Of_PeriodAlone_KeepsTheQuotaInForce() =>
        Assert.Equal("CPUQuotaPerSecUSec=400000 CPUQuotaPeriodUSec=50000", string.Join(' ', UnitLimits.Of(new CgroupResources { CpuPeriod = 50_000 }, "20000 100000\n")));

    [Fact]
    public void Of_UnifiedValue_WinsOverTheOther()
    {
        CgroupResources both = Unified("memory.max", "8192") with { MemoryLimit = 4096 };

        Assert.Equal("MemoryMax=8192", string.Join(' ', UnitLimits.Of(both)));
    }

    [Theory]
    [InlineData("0", "01")]
    [InlineData("8", "0001")]
    [InlineData("0-8", "FF01")]
    [InlineData("1, 3", "0A")]
    public void TryParseSet_List_HasItsBits(string list, string bits)
    {
        Assert.True(UnitLimits.TryParseSet(list, out byte[] found));
        Assert.Equal(bits, Convert.ToHexString(found));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1-")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("0-999999999")]
    public void TryParseSet_Other_IsNone(string list) => Assert.False(UnitLimits.TryParseSet(list, out _));

    private static CgroupResources Unified(string file, string value) => new() { Unified = new Dictionary<string, string> { [file] = value } };
}
