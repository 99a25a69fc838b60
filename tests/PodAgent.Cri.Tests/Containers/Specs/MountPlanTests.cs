using PodAgent.Api.Cri;
using PodAgent.Containers.Specs;
using PodAgent.Cri.Containers.Specs;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Tests.Containers.Specs;

public sealed class MountPlanTests
{
    [Fact]
    public void Build_Plain_HasDefaultsAndThePodsFiles()
    {
        IReadOnlyList<Wire.Mount> mounts = Build([]);
        Assert.Equal(
            ["/dev", "/dev/mqueue", "/dev/pts", "/dev/shm", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/proc", "/sys", "/sys/fs/cgroup"],
            mounts.Select(mount => mount.Destination).Order(StringComparer.Ordinal));
        Assert.Equal("/run/s/shm", mounts.Single(mount => mount.Destination == "/dev/shm").Source);
        Assert.Equal("/run/s/hosts", mounts.Single(mount => mount.Destination == "/etc/hosts").Source);
    }

    [Fact]
    public void Build_Nested_ParentsComeFirst()
    {
        IReadOnlyList<Wire.Mount> mounts = Build([Mount("/data/sub/deep"), Mount("/data"), Mount("/data/sub")]);
        string[] order = [.. mounts.Select(mount => mount.Destination).Where(path => path.StartsWith("/data", StringComparison.Ordinal))];
        Assert.Equal(["/data", "/data/sub", "/data/sub/deep"], order);
        Assert.True(Index(mounts, "/dev") < Index(mounts, "/dev/pts"));
    }

    [Fact]
    public void Build_OwnMountForAPodFile_Wins()
    {
        IReadOnlyList<Wire.Mount> mounts = Build([Mount("/etc/hosts", "/pods/hosts"), Mount("/dev/shm/", "/pods/shm")]);
        Assert.Equal("/pods/hosts", mounts.Single(mount => mount.Destination == "/etc/hosts").Source);
        Assert.Equal("/pods/shm", mounts.Single(mount => mount.Destination == "/dev/shm").Source);
    }

    [Fact]
    public void Build_ImageVolume_IsThereUnlessTheConfigurationMountsOverIt()
    {
        Assert.Equal("/vol/0", Build([], volumes: new() { ["/data"] = "/vol/0" }).Single(mount => mount.Destination == "/data").Source);
        Assert.Equal("/mine", Build([Mount("/data", "/mine")], volumes: new() { ["/data"] = "/vol/0" }).Single(mount => mount.Destination == "/data").Source);
    }

    [Theory]
    [InlineData(true, "bind")]
    [InlineData(false, "mqueue")]
    public void Build_HostIpcWithOrWithoutQueuesOnTheNode_ShowsTheNodesQueues(bool mounted, string type) => Assert.Equal(
        type,
        MountPlan.Build(DefaultSpec.Mounts(new DefaultMountOptions { HostIpc = true }), "/run/s", false, new Dictionary<string, string>(), [], _ => mounted)
            .Single(mount => mount.Destination == "/dev/mqueue").Type);

    [Theory]
    [InlineData(MountPropagation.PropagationPrivate, false, false, "rbind,rprivate")]
    [InlineData(MountPropagation.PropagationHostToContainer, false, false, "rbind,rslave")]
    [InlineData(MountPropagation.PropagationBidirectional, false, false, "rbind,rshared")]
    [InlineData(MountPropagation.PropagationPrivate, true, false, "rbind,rprivate,ro")]
    [InlineData(MountPropagation.PropagationPrivate, true, true, "rbind,rprivate,rro")]
    public void Build_Options_FollowTheConfiguration(MountPropagation propagation, bool readOnly, bool recursive, string expected)
    {
        var mount = new Mount
        {
            ContainerPath = "/m", HostPath = "/h", Propagation = propagation, Readonly = readOnly, RecursiveReadOnly = recursive,
        };
        Assert.Equal(expected, string.Join(',', Build([mount]).Single(other => other.Destination == "/m").Options));
    }

    [Theory]
    [InlineData("rprivate", MountPropagation.PropagationPrivate, MountPropagation.PropagationPrivate)]
    [InlineData("rslave", MountPropagation.PropagationPrivate, MountPropagation.PropagationHostToContainer)]
    [InlineData("rshared", MountPropagation.PropagationBidirectional, MountPropagation.PropagationHostToContainer)]
    public void RootPropagation_TheMostOpenMountDecides(string expected, MountPropagation first, MountPropagation second) =>
        Assert.Equal(expected, MountPlan.RootPropagation([new Mount { Propagation = first }, new Mount { Propagation = second }]));

    [Fact]
    public void Problems_MissingHostPath_NamesBothPlaces() =>
        Assert.Equal(
            ["cannot mount \"/nope\" at \"/data\": hostPath \"/nope\" does not exist"],
            MountPlan.Problems([Mount("/data", "/nope")], _ => false));

    [Fact]
    public void Problems_SeveralFaults_AreAllNamed()
    {
        Mount[] mounts =
        [
            Mount("relative"),
            Mount("/a", "relative"),
            new Mount { ContainerPath = "/b", HostPath = "/h", RecursiveReadOnly = true },
            new Mount { ContainerPath = "/c", HostPath = "/h", Readonly = true, RecursiveReadOnly = true, Propagation = MountPropagation.PropagationBidirectional },
            new Mount { ContainerPath = "/d", Image = new ImageSpec { Image = "x" } },
            Mount("/"),
        ];
        string[] problems = [.. MountPlan.Problems(mounts, _ => true)];
        Assert.Equal(6, problems.Length);
        for (int i = 0; i < mounts.Length; i++)
        {
            Assert.Contains(problems, problem => problem.StartsWith($"mounts[{i}]", StringComparison.Ordinal));
        }
    }

    private static int Index(IReadOnlyList<Wire.Mount> mounts, string path) => mounts.Select(mount => mount.Destination).ToList().IndexOf(path);

    private static Mount Mount(string path, string source = "/host") => new() { ContainerPath = path, HostPath = source };

    private static IReadOnlyList<Wire.Mount> Build(Mount[] asked, Dictionary<string, string>? volumes = null) =>
        MountPlan.Build(DefaultSpec.Mounts(new DefaultMountOptions { ShmDirectory = "/run/s/shm" }), "/run/s", readOnlyRootfs: false, volumes ?? [], asked, _ => true);
}
