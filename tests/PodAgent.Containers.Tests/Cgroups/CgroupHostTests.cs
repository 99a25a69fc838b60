using PodAgent.Containers.Cgroups;
using PodAgent.Linux;

namespace PodAgent.Containers.Tests.Cgroups;

public sealed class CgroupHostTests : IDisposable
{
    private readonly CgroupTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Detect_Cgroup2AtTheRoot_IsVersion2()
    {
        CgroupHost host = Detect("30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot");

        Assert.Equal(2, host.Version);
        Assert.False(host.Hybrid);
        Assert.Equal(["/sys/fs/cgroup/podagent/pod1"], host.Open("/podagent/pod1/").Paths);
    }

    [Fact]
    public void Detect_SeparateAndSharedHierarchies_IsVersion1()
    {
        CgroupHost host = Detect(
            """
            31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:3 - cgroup cgroup rw,cpu,cpuacct
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
            40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
            """);

        Assert.Equal(1, host.Version);
        Assert.False(host.Hybrid);
        Assert.Equal(["cpu", "cpuacct", "memory"], host.Controllers);
        Assert.Equal(["/sys/fs/cgroup/cpu,cpuacct/podagent/a", "/sys/fs/cgroup/memory/podagent/a"], host.Open("podagent/a").Paths);
    }

    [Fact]
    public void Detect_Version1WithUnifiedBeside_IsHybridAndJoinsVersion1Only()
    {
        CgroupHost host = Detect(
            """
            35 31 0:32 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            """);

        Assert.Equal(1, host.Version);
        Assert.True(host.Hybrid);
        Assert.Equal(["/sys/fs/cgroup/pids/podagent"], host.Open("podagent").Paths);
    }

    [Fact]
    public void Detect_MountPointWithEscapedSpace_IsUnescaped()
    {
        string mountInfo = _tree.Root + "/mountinfo";
        _tree.File("mountinfo", "30 23 0:26 / /mnt/my\\040groups rw - cgroup2 cgroup2 rw\n");

        CgroupHost host = CgroupHost.Detect("/mnt/my groups", mountInfo: mountInfo);

        Assert.Equal(["/mnt/my groups/podagent"], host.Open("podagent").Paths);
    }

    [Fact]
    public void Detect_HierarchyHiddenByAnotherMount_IsNotUsed()
    {
        AgentException e = Assert.Throws<AgentException>(() => Detect(
            """
            35 31 0:32 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
            36 35 0:50 / /sys/fs/cgroup/pids rw,relatime - tmpfs tmpfs rw
            """));

        Assert.Equal("cannot use cgroups: no hierarchy is mounted at \"/sys/fs/cgroup\"", e.Message);
        Assert.Equal(ErrorKind.FailedPrecondition, e.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("podagent/../system.slice")]
    [InlineData("podagent//pod1")]
    [InlineData("podagent/.")]
    [InlineData("podagent/cgroup.procs")]
    [InlineData("podagent/tasks")]
    [InlineData("podagent/a\nb")]
    public void Open_PathThatIsNoCgroupOfOurs_IsRefused(string path)
    {
        AgentException e = Assert.Throws<AgentException>(() => CgroupHost.ForUnified(_tree.Root).Open(path));

        Assert.Equal(ErrorKind.InvalidArgument, e.Kind);
    }

    [Fact]
    public void Children_SomeExist_AreNamedOnce()
    {
        CgroupHost host = _tree.Legacy("cpu", "memory");
        _tree.Make("cpu/podagent/pod1");
        _tree.Make("memory/podagent/pod1");
        _tree.Make("memory/podagent/pod2");

        Assert.Equal(["pod1", "pod2"], host.Children("podagent"));
        Assert.Empty(host.Children("podagent/none"));
    }

    private CgroupHost Detect(string mountInfo)
    {
        _tree.File("mountinfo", mountInfo.Replace("\r", "") + "\n");
        return CgroupHost.Detect(mountInfo: _tree.Root + "/mountinfo");
    }
}
