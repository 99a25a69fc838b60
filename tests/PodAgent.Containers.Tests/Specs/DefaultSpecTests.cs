using PodAgent.Containers.Cgroups;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Specs;

namespace PodAgent.Containers.Tests.Specs;

public sealed class DefaultSpecTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cpus-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Mounts_Container_AreTheUsualOnesInOrder()
    {
        IReadOnlyList<Mount> mounts = DefaultSpec.Mounts(new DefaultMountOptions { ShmDirectory = "/run/podagent/s1/shm" });

        Assert.Equal(["/proc", "/dev", "/dev/pts", "/dev/mqueue", "/sys", "/sys/fs/cgroup", "/dev/shm"], mounts.Select(m => m.Destination));
        Assert.Equal(["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"], Find(mounts, "/dev/pts").Options);
        Assert.Contains("size=65536k", Find(mounts, "/dev").Options);
        Assert.Contains("mode=755", Find(mounts, "/dev").Options);
        Assert.Contains("ro", Find(mounts, "/sys").Options);
        Assert.Contains("ro", Find(mounts, "/sys/fs/cgroup").Options);
        Assert.Equal(("bind", "/run/podagent/s1/shm"), (Find(mounts, "/dev/shm").Type, Find(mounts, "/dev/shm").Source));
    }

    [Fact]
    public void Mounts_Privileged_MayWriteSysAndCgroups()
    {
        IReadOnlyList<Mount> mounts = DefaultSpec.Mounts(new DefaultMountOptions { Privileged = true });

        Assert.Contains("rw", Find(mounts, "/sys").Options);
        Assert.DoesNotContain("ro", Find(mounts, "/sys/fs/cgroup").Options);
    }

    [Fact]
    public void Mounts_HostIpc_AreTheHosts()
    {
        IReadOnlyList<Mount> mounts = DefaultSpec.Mounts(new DefaultMountOptions { HostIpc = true, ShmDirectory = "/ignored" });

        Assert.Equal("/dev/shm", Find(mounts, "/dev/shm").Source);
        Assert.Equal("bind", Find(mounts, "/dev/mqueue").Type);
    }

    [Fact]
    public void MaskedPathsFor_ThermalCounters_OfEveryPresentCpuThatHasThem()
    {
        File.WriteAllText(_directory + "/present", "0-1,3\n");
        foreach (int cpu in new[] { 0, 2, 3 })
        {
            Directory.CreateDirectory($"{_directory}/cpu{cpu}/thermal_throttle");
        }

        IReadOnlyList<string> paths = DefaultSpec.MaskedPathsFor(_directory);

        Assert.Equal(
            ["/sys/devices/system/cpu/cpu0/thermal_throttle", "/sys/devices/system/cpu/cpu3/thermal_throttle"],
            paths.Where(p => p.Contains("thermal", StringComparison.Ordinal)));
        Assert.Contains("/proc/kcore", paths);
        Assert.Contains("/proc/interrupts", paths);
        Assert.Contains("/sys/devices/virtual/powercap", paths);
    }

    [Theory]
    [InlineData("0-3,8", new[] { 0, 1, 2, 3, 8 })]
    [InlineData("5", new[] { 5 })]
    [InlineData("", new int[0])]
    [InlineData("x,1-,2-1,0-99999999", new int[0])]
    public void CpuList_Parse_TakesWhatIsOfTheFormat(string list, int[] cpus) => Assert.Equal(cpus, CpuList.Parse(list));

    [Fact]
    public void Devices_StandardNodes_AreReadableAndWritableForAll()
    {
        Assert.Equal(
            ["/dev/null 1:3", "/dev/zero 1:5", "/dev/full 1:7", "/dev/random 1:8", "/dev/urandom 1:9", "/dev/tty 5:0"],
            DefaultSpec.Devices().Select(d => $"{d.Path} {d.Major}:{d.Minor}"));
        Assert.All(DefaultSpec.Devices(), d => Assert.Equal(Convert.ToUInt32("666", 8), d.Mode));
    }

    [Fact]
    public void DeviceRules_Container_BeginWithNothing()
    {
        DeviceRule[] rules = DefaultSpec.DeviceRules([], privileged: false);

        Assert.Equal(DeviceRule.DenyAll, rules[0]);
        Assert.Equal("c *:* m", rules[1].ToString());
        Assert.Contains(rules, r => r.ToString() == "c 136:* rwm");
    }

    private static Mount Find(IReadOnlyList<Mount> mounts, string destination) => mounts.Single(m => m.Destination == destination);
}
