using PodAgent.Linux.Files;
using PodAgent.Linux.Probing;

namespace PodAgent.Linux.Tests.Probing;

/// <summary>What probes make of the kernel's texts.</summary>
public sealed class KernelTextTests
{
    [Fact]
    public void Capabilities_Parse_FindsTheSet()
    {
        const string status = "Name:\tx\nCapInh:\t0000000000000000\nCapEff:\t000001fffeffffff\nCapBnd:\t000001ffffffffff\n";

        Assert.Equal(0x1fffeffffffUL, CapabilityProbes.Parse(status, "CapEff"));
        Assert.Null(CapabilityProbes.Parse(status, "CapAmb"));
    }

    [Fact]
    public void Network_DroppingChains_NamesThoseThatForwardNothing()
    {
        const string listing =
            """
            table ip filter {
                    chain INPUT {
                            type filter hook input priority filter; policy drop;
                    }
                    chain FORWARD {
                            type filter hook forward priority filter; policy drop;
                    }
            }
            table inet podagent {
                    chain forward {
                            type filter hook forward priority filter; policy accept;
                    }
            }
            """;

        Assert.Equal(["ip filter FORWARD"], NetworkProbes.DroppingChains(listing));
    }

    [Theory]
    [InlineData("6.1.0-28-cloud-amd64", true)]
    [InlineData("5.12.1", true)]
    [InlineData("5.10.0-21-amd64", false)]
    [InlineData("4.18.0-553.el8.x86_64", false)]
    public void Kernel_Judge_WantsMountAttributes(string release, bool enough) => Expect(enough, () => KernelProbes.Judge(release));

    [Theory]
    [InlineData(128, false)]
    [InlineData(512, true)]
    public void Limits_Judge_NamesTheSetting(long value, bool enough) => Expect(enough, () => LimitProbes.Judge("fs.inotify.max_user_instances", value, 512));

    [Theory]
    [InlineData("1024", "524288", true)]
    [InlineData("1024", "unlimited", true)]
    [InlineData("1024", "4096", false)]
    public void Limits_JudgeOpenFiles_LooksAtTheHardLimit(string soft, string hard, bool enough) =>
        Expect(enough, () => LimitProbes.JudgeOpenFiles($"Limit    Soft Limit   Hard Limit   Units\nMax open files            {soft}                 {hard}              files\n"));

    [Theory]
    [InlineData(204800, true)]
    [InlineData(51200, false)]
    public void Memory_Judge_WantsWhatTheKubeletKeepsFree(long kilobytes, bool enough) =>
        Expect(enough, () => MemoryProbes.Judge($"MemTotal:       16384000 kB\nMemFree:  1 kB\nMemAvailable:   {kilobytes} kB\n"));

    [Theory]
    [InlineData(20, 50, true)]
    [InlineData(10, 50, false)]
    [InlineData(20, 4, false)]
    public void Disk_Judge_WantsSpaceAndInodes(ulong available, ulong inodes, bool enough) =>
        Expect(enough, () => DiskProbes.Judge("/var", new FileSystemUsage(100 << 20, available << 20, available << 20, 100, inodes)));

    private static void Expect(bool enough, Func<string> judge)
    {
        if (enough)
        {
            Assert.NotEmpty(judge());
        }
        else
        {
            Assert.Throws<AgentException>(judge);
        }
    }
}
