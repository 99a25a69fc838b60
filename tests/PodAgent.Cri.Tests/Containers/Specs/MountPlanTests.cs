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
        MountPlan.Build(DefaultSpec.Mounts(new DefaultMountOptions { HostIpc = true }), "/run/s", false, new Dictionary<string, string>(), [], [], [], _ => mounted)
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
    public void Build_ImageMounts_TakeDescriptorsInTheirOrder()
    {
        Mount[] asked =
        [
            new() { ContainerPath = "/a", Image = new ImageSpec { Image = "one" }, Readonly = true },
            Mount("/b"),
            new() { ContainerPath = "/c/", Image = new ImageSpec { Image = "two" }, Readonly = true, ImageSubPath = "etc", MountOptions = { "noexec" } },
        ];
        IReadOnlyList<Wire.Mount> mounts = Build(asked, images: ["sha256:1", "sha256:2"]);
        Assert.Equal(
            [
                new Wire.Mount { Destination = "/a", Type = "bind", Source = "sha256:1", SourceFd = 1, Options = { "rprivate", "ro" } },
                new Wire.Mount { Destination = "/c", Type = "bind", Source = "sha256:2", SourceFd = 2, SourceSubPath = "etc", Options = { "rprivate", "ro", "noexec" } },
            ],
            mounts.Where(mount => mount.HasSourceFd));
    }

    [Fact]
    public void Build_MountOptionsAndMappings_ReachTheWholeTree()
    {
        var mount = new Mount { ContainerPath = "/m", HostPath = "/h", MountOptions = { "noexec", "nosuid" }, UidMappings = { new IDMapping { Length = 1 } } };
        Assert.Equal("rbind,rprivate,idmap,rnoexec,rnosuid", string.Join(',', Build([mount]).Single(other => other.Destination == "/m").Options));
    }

    [Fact]
    public void Build_DeviceMount_GivesWayToTheConfiguration()
    {
        var device = new Wire.Mount { Destination = "/lib/vendor", Type = "bind", Source = "/opt/vendor" };
        Assert.Contains(device, Build([], deviceMounts: [device]));
        Assert.Equal("/host", Build([Mount("/lib/vendor")], deviceMounts: [device]).Single(mount => mount.Destination == "/lib/vendor").Source);
    }

    private static int Index(IReadOnlyList<Wire.Mount> mounts, string path) => mounts.Select(mount => mount.Destination).ToList().IndexOf(path);

    private static Mount Mount(string path, string source = "/host") => new() { ContainerPath = path, HostPath = source };

    private static IReadOnlyList<Wire.Mount> Build(
        Mount[] asked, Dictionary<string, string>? volumes = null, Wire.Mount[]? deviceMounts = null, string[]? images = null) =>
        MountPlan.Build(DefaultSpec.Mounts(new DefaultMountOptions { ShmDirectory = "/run/s/shm" }), "/run/s", readOnlyRootfs: false, volumes ?? [], deviceMounts ?? [], asked, images ?? [], _ => true);
}
