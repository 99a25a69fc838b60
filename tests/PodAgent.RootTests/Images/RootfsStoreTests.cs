using System.Text;
using PodAgent.Images;
using PodAgent.Images.Snapshots;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.RootTests.Images;

/// <summary>What holds for root file systems, whichever way they are mounted.</summary>
public abstract class RootfsStoreSuite : ImageStoreFixture
{
    private static byte[] TwoLayers() => ArchiveBuilder.Docker(
        "a:1",
        new TarBuilder().Directory(".", mode: 0b111_101_000, uid: 9).File("etc/lower", "lower").File("gone", "x").File("opaque/hidden").Directory("tmp", mode: 0b001_111_111_111).Build(),
        new TarBuilder().Directory(".", mode: 0b111_101_000, uid: 9).File("etc/upper", "upper").File(".wh.gone").File("opaque/.wh..wh..opq").File("opaque/seen").File("tmp/x").Build());

    [Fact]
    public async Task Prepare_TwoLayers_ShowsThemMergedAndTakesWrites()
    {
        ImageRecord image = Assert.Single(await ImportAsync(TwoLayers()));

        using Fd root = await Rootfs.PrepareAsync("c1", image, CancellationToken.None);

        string path = root.ProcPath;
        Assert.Equal(["etc", "opaque", "tmp"], Directory.EnumerateFileSystemEntries(path + "/").Select(Path.GetFileName).Order());
        Assert.Equal(["lower", "upper"], Directory.EnumerateFiles(path + "/etc/").Select(Path.GetFileName).Order());
        Assert.Equal(["seen"], Directory.EnumerateFiles(path + "/opaque/").Select(Path.GetFileName));
        Assert.Equal(0b001_111_111_111u, Stat(path + "/tmp")!.Value.Permissions);
        FileStatus top = FileTree.Status(root);
        Assert.Equal((0b111_101_000u, 9u), (top.Permissions, top.Uid));
        File.WriteAllText(path + "/etc/lower", "changed");
        File.Delete(path + "/etc/upper");
        Assert.Equal("changed", File.ReadAllText(path + "/etc/lower"));
        Assert.Equal("lower", File.ReadAllText($"{LayerPath(image)}/etc/lower"));
        Assert.True(Rootfs.Usage("c1") is { Inodes: >= 3, Bytes: > 0 });
    }

    [Fact]
    public async Task Prepare_Always_LeavesNoMountInThisNamespace()
    {
        ImageRecord image = Assert.Single(await ImportAsync(TwoLayers()));

        using Fd root = await Rootfs.PrepareAsync("c1", image, CancellationToken.None);

        Assert.DoesNotContain(Options.SnapshotRoot, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Options.SnapshotRoot, "mounts")));
    }

    [Fact]
    public async Task Reopen_AfterRestart_ShowsWhatWasWritten()
    {
        ImageRecord image = Assert.Single(await ImportAsync(TwoLayers()));
        using (Fd root = await Rootfs.PrepareAsync("c1", image, CancellationToken.None))
        {
            File.WriteAllText(root.ProcPath + "/written", "kept");
        }

        await RestartAsync();
        using Fd again = Rootfs.Reopen("c1");

        Assert.Equal("kept", File.ReadAllText(again.ProcPath + "/written"));
        Assert.Equal("lower", File.ReadAllText(again.ProcPath + "/etc/lower"));
    }

    [Fact]
    public async Task Prepare_ImageWithManyLayers_Mounts()
    {
        byte[][] layers = [.. Enumerable.Range(0, 127).Select(i => new TarBuilder().File($"f{i}", $"{i}").Build())];
        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", layers)));

        using Fd root = await Rootfs.PrepareAsync("c1", image, CancellationToken.None);

        Assert.Equal(127, Directory.EnumerateFiles(root.ProcPath + "/").Count());
    }

    [Fact]
    public async Task Prepare_ImageWithoutLayers_GivesAnEmptyWritableRoot()
    {
        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1")));

        using Fd root = await Rootfs.PrepareAsync("c1", image, CancellationToken.None);

        File.WriteAllText(root.ProcPath + "/x", "x");
        Assert.Single(Directory.EnumerateFileSystemEntries(root.ProcPath + "/"));
    }

    [Fact]
    public async Task Prepare_Twice_AlreadyExists()
    {
        ImageRecord image = Assert.Single(await ImportAsync(TwoLayers()));
        using Fd root = await Rootfs.PrepareAsync("c1", image, CancellationToken.None);
        IReadOnlyList<string> before = Snapshot();

        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => Rootfs.PrepareAsync("c1", image, CancellationToken.None));

        Assert.Equal(ErrorKind.AlreadyExists, failure.Kind);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task Remove_ImageInUse_ContainerKeepsItsSnapshots()
    {
        ImageRecord image = Assert.Single(await ImportAsync(TwoLayers()));
        using (Fd root = await Rootfs.PrepareAsync("c1", image, CancellationToken.None))
        {
            await Store.RemoveAsync("a:1", CancellationToken.None);
            Assert.Equal("lower", File.ReadAllText(root.ProcPath + "/etc/lower"));
        }

        await RestartAsync();
        using (Fd again = Rootfs.Reopen("c1"))
        {
            Assert.Equal("lower", File.ReadAllText(again.ProcPath + "/etc/lower"));
        }

        await Rootfs.CollectGarbageAsync(new HashSet<string>(), CancellationToken.None);

        Assert.Empty(Rootfs.List());
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(Options.SnapshotRoot, "layers")));
    }

    [Fact]
    public async Task Prepare_ImageWasRemoved_NotFound()
    {
        ImageRecord image = Assert.Single(await ImportAsync(TwoLayers()));
        await Store.RemoveAsync("a:1", CancellationToken.None);

        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => Rootfs.PrepareAsync("c1", image, CancellationToken.None));

        Assert.Equal(ErrorKind.NotFound, failure.Kind);
        Assert.Empty(Rootfs.List());
    }

    [Fact]
    public async Task Remove_TreeDeeperThanAnyPath_Succeeds()
    {
        ImageRecord image = Assert.Single(await ImportAsync(TwoLayers()));
        using (Fd root = await Rootfs.PrepareAsync("c1", image, CancellationToken.None))
        {
            // As a container does with mkdir and chdir in a loop.
            Fd at = FileTree.OpenDirectory("tmp"u8, root);
            for (int i = 0; i < 5000; i++)
            {
                FileTree.TryMakeDirectory("d"u8, 0x1ED, at);
                Fd next = FileTree.OpenDirectory("d"u8, at);
                at.Dispose();
                at = next;
            }

            at.Dispose();
        }

        Assert.True(Rootfs.Usage("c1").Inodes > 4000);
        await Rootfs.RemoveAsync("c1", CancellationToken.None);
        await Rootfs.RemoveAsync("c1", CancellationToken.None);

        Assert.Empty(Rootfs.List());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Options.SnapshotRoot, "trash")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\0")]
    public async Task Prepare_IdThatIsNoName_InvalidArgument(string id)
    {
        ImageRecord image = Assert.Single(await ImportAsync(TwoLayers()));

        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => Rootfs.PrepareAsync(id, image, CancellationToken.None));

        Assert.Equal(ErrorKind.InvalidArgument, failure.Kind);
    }

    [Fact]
    public void Reopen_UnknownContainer_NotFound() =>
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<AgentException>(() => Rootfs.Reopen("nobody")).Kind);
}

public sealed class RootfsStoreTests : RootfsStoreSuite;

/// <summary>As on kernels before 6.7.</summary>
public sealed class RootfsStorePathMountTests : RootfsStoreSuite
{
    private protected override RootfsStoreOptions RootfsOptions => new() { ForcePathMount = true, Warning = Warnings.Add };

    [Fact]
    public async Task Open_MountLeftByACrash_IsTakenDown()
    {
        string place = Path.Combine(Options.SnapshotRoot, "mounts", "left");
        Directory.CreateDirectory(place);
        using (var mount = System.Diagnostics.Process.Start("mount", ["-t", "tmpfs", "tmpfs", place]))
        {
            await mount.WaitForExitAsync();
        }

        Assert.Contains(place, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);

        await RestartAsync();

        Assert.DoesNotContain(place, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(place));
        Assert.Contains(Warnings, warning => warning.Contains(place, StringComparison.Ordinal));
    }
}
