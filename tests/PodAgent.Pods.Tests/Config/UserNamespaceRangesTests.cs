using PodAgent.Pods.Config;
using Make = PodAgent.Pods.Tests.Fakes.Pods;

namespace PodAgent.Pods.Tests.Config;

public sealed class UserNamespaceRangesTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("podagent-ranges-").FullName;

    [Fact]
    public void Of_PodWithTheHostsUsers_IsNothing()
    {
        Assert.Null(Ranges().Of(Make.New()));
        Core.Pod explicitly = Make.New();
        explicitly.Spec.HostUsers = true;
        Assert.Null(Ranges().Of(explicitly));
    }

    [Fact]
    public void Of_TwoPods_ShareNoId()
    {
        UserNamespaceRanges ranges = Ranges();
        Cri.UserNamespace first = ranges.Of(Pod("uid-a"))!;
        Assert.Equal(new Cri.IDMapping { ContainerId = 0, HostId = 65536, Length = 65536 }, Assert.Single(first.Uids));
        Assert.Equal(first.Uids, first.Gids);
        Assert.Equal(131072u, ranges.Of(Pod("uid-b"))!.Uids[0].HostId);
        Assert.Equal(65536u, ranges.Of(Pod("uid-a"))!.Uids[0].HostId);
    }

    [Fact]
    public void Of_PodThatIsGone_FreesItsIds()
    {
        UserNamespaceRanges ranges = Ranges();
        ranges.Of(Pod("uid-a"));
        ranges.Of(Pod("uid-b"));
        Directory.Delete(Directories().FilesOf("uid-a"), recursive: true);
        Assert.Equal(65536u, Ranges().Of(Pod("uid-c"))!.Uids[0].HostId);
        Assert.Equal(131072u, Ranges().Of(Pod("uid-b"))!.Uids[0].HostId);
    }

    [Fact]
    public void Of_NoIdsLeft_IsAnError()
    {
        var ranges = new UserNamespaceRanges(new PodEngineOptions { UserNamespaceFirstId = uint.MaxValue - 65536 }, Directories());
        ranges.Of(Pod("uid-a"));
        Assert.Throws<ContainerConfigException>(() => ranges.Of(Pod("uid-b")));
    }

    [Fact]
    public void Of_MorePodsThanConfigured_IsAnErrorThatNamesTheRange()
    {
        var ranges = new UserNamespaceRanges(new PodEngineOptions { UserNamespaceFirstId = 655360000, UserNamespaceCount = 2 }, Directories());

        Assert.Equal([655360000u, 655425536u], new[] { "uid-a", "uid-b" }.Select(uid => ranges.Of(Pod(uid))!.Uids[0].HostId));
        Assert.Equal(
            "all 2 user namespace ranges from 655360000 on are in use",
            Assert.Throws<ContainerConfigException>(() => ranges.Of(Pod("uid-c"))).Message);
    }

    [Fact]
    public void Map_MountsOfFiles_GetThePodsIds()
    {
        var config = new Cri.ContainerConfig { Mounts = { new Cri.Mount { HostPath = "/a" }, new Cri.Mount { Image = new Cri.ImageSpec { Image = "i" } } } };
        Ranges().Map(Pod("uid-a"), config);
        Assert.Equal([1, 0], config.Mounts.Select(mount => mount.UidMappings.Count));
        Assert.Equal([1, 0], config.Mounts.Select(mount => mount.GidMappings.Count));
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);

    private static Core.Pod Pod(string uid)
    {
        Core.Pod pod = Make.New();
        pod.Metadata.Uid = uid;
        pod.Spec.HostUsers = false;
        return pod;
    }

    private PodDirectories Directories() => new(_state, _state, _state);

    private UserNamespaceRanges Ranges() => new(new PodEngineOptions(), Directories());
}
