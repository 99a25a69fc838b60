using PodAgent.Containers.Launch;
using PodAgent.Images;
using PodAgent.Images.Snapshots;
using PodAgent.Linux;

namespace PodAgent.RootTests.Images;

/// <summary>Root file systems that are made before a container asks for them.</summary>
public sealed class RootfsSparesTests : ImageStoreFixture
{
    private protected override RootfsStoreOptions RootfsOptions => new() { KeepsSpares = true, Furnish = MountPoints.Make };

    private string Ingest => Path.Combine(Options.SnapshotRoot, "ingest");

    private static byte[] Image(string tag = "a:1", string content = "lower") => ArchiveBuilder.Docker(
        tag, new TarBuilder().Directory(".", mode: 0b111_101_000, uid: 9).File("etc/lower", content).Build());

    [Fact]
    public async Task Prepare_SecondContainer_GetsTheOneMadeAhead()
    {
        ImageRecord image = Assert.Single(await ImportAsync(Image()));
        using Fd first = await Rootfs.PrepareAsync("c1", image, CancellationToken.None);
        File.WriteAllText(first.ProcPath + "/etc/lower", "changed by the first");
        AwaitSpares(1);

        using Fd second = await Rootfs.PrepareAsync("c2", image, CancellationToken.None);

        Assert.Equal("lower", File.ReadAllText(second.ProcPath + "/etc/lower"));
        Assert.True(File.Exists(second.ProcPath + "/etc/hosts"));
        Assert.True(Directory.Exists(second.ProcPath + "/proc"));
        FileStatusOf(second, out uint permissions, out uint owner);
        Assert.Equal((0b111_101_000u, 9u), (permissions, owner));
        File.WriteAllText(second.ProcPath + "/written", "kept");
        Assert.Equal("kept", File.ReadAllText(Path.Combine(Options.SnapshotRoot, "containers", "c2", "upper", "written")));
        Assert.Equal(["c1", "c2"], Rootfs.List().Order());
    }

    [Fact]
    public async Task Reopen_OneMadeAhead_ShowsWhatWasWritten()
    {
        ImageRecord image = Assert.Single(await ImportAsync(Image()));
        using (await Rootfs.PrepareAsync("c1", image, CancellationToken.None))
        {
            AwaitSpares(1);
        }

        using (Fd root = await Rootfs.PrepareAsync("c2", image, CancellationToken.None))
        {
            File.WriteAllText(root.ProcPath + "/written", "kept");
        }

        await RestartAsync();
        using Fd again = Rootfs.Reopen("c2");

        Assert.Equal("kept", File.ReadAllText(again.ProcPath + "/written"));
    }

    [Fact]
    public async Task CollectGarbage_ImageIsGone_TakesTheSpareAlong()
    {
        ImageRecord image = Assert.Single(await ImportAsync(Image()));
        using (await Rootfs.PrepareAsync("c1", image, CancellationToken.None))
        {
            AwaitSpares(1);
        }

        await Rootfs.RemoveAsync("c1", CancellationToken.None);
        await Store.RemoveAsync(image.Id, CancellationToken.None);

        Assert.Empty(Directory.EnumerateFileSystemEntries(Ingest));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Options.SnapshotRoot, "layers")));
        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => Rootfs.PrepareAsync("c2", image, CancellationToken.None));
        Assert.Equal(ErrorKind.NotFound, failure.Kind);
        Assert.Empty(Rootfs.List());
    }

    [Fact]
    public async Task Prepare_ThreeImages_TwoSparesAreKept()
    {
        foreach (string tag in new[] { "a:1", "b:1", "c:1" })
        {
            ImageRecord image = Assert.Single(await ImportAsync(Image(tag, tag)));
            using Fd root = await Rootfs.PrepareAsync(tag[..1], image, CancellationToken.None);
            AwaitSpares(tag == "a:1" ? 1 : 2);
        }

        // The third one takes the place of the first.
        Assert.True(SpinWait.SpinUntil(() => Directory.EnumerateDirectories(Ingest).Count() == 2, 10_000));
        Rootfs.Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(Ingest));
    }

    [Fact]
    public async Task Open_SpareOfAnAgentThatWasKilled_IsTakenAway()
    {
        Directory.CreateDirectory(Path.Combine(Ingest, "left", "upper", "etc"));
        await RestartAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(Ingest));
    }

    private void AwaitSpares(int count) => Assert.True(SpinWait.SpinUntil(() => Rootfs.Spares == count, 10_000));

    private static void FileStatusOf(Fd root, out uint permissions, out uint owner)
    {
        PodAgent.Linux.Files.FileStatus status = PodAgent.Linux.Files.FileTree.Status(root);
        permissions = status.Permissions;
        owner = status.Uid;
    }
}
