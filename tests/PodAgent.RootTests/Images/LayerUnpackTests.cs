using PodAgent.Images;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.RootTests.Images;

public sealed class LayerUnpackTests : ImageStoreFixture
{
    [Fact]
    public async Task Import_EveryKindOfFile_KeepsItsAttributes()
    {
        string capability = "\u0001\0\0\u0002\0\u0004\0\0\0\0\0\0\0\0\0\0\u00ff\0\0\0"[..20];
        byte[] layer = new TarBuilder()
            .Directory(".", mode: 0b111_000_101, uid: 3, gid: 4)
            .Directory("d", mode: 0b001_111_111_111, uid: 5, gid: 6, modified: 123)
            .File("d/setuid", "x", mode: 0b100_111_101_101, uid: 1000, gid: 2000, modified: 456)
            .Symlink("d/link", "/etc/passwd")
            .Hardlink("d/hard", "d/setuid")
            .Fifo("d/fifo")
            .CharDevice("d/null", 1, 3)
            .Pax(("mtime", "-1.25"), ("SCHILY.xattr.security.capability", capability), ("SCHILY.xattr.user.note", "hello"), ("SCHILY.xattr.security.selinux", "evil"))
            .File("d/capable", "y")
            .Build();

        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", layer)));

        string root = LayerPath(image);
        Assert.Equal((0b111_000_101u, 3u, 4u), Attributes(Stat(root)!.Value));
        Assert.Equal((0b001_111_111_111u, 5u, 6u), Attributes(Stat($"{root}/d")!.Value));
        Assert.Equal(123, Stat($"{root}/d")!.Value.ModifiedSeconds);
        FileStatus file = Stat($"{root}/d/setuid")!.Value;
        Assert.Equal((0b100_111_101_101u, 1000u, 2000u), Attributes(file));
        Assert.Equal((456L, 2u, 1L), (file.ModifiedSeconds, file.Links, file.Size));
        Assert.Equal(file.Inode, Stat($"{root}/d/hard")!.Value.Inode);
        Assert.Equal("/etc/passwd", new FileInfo($"{root}/d/link").LinkTarget);
        Assert.Equal(FileKind.Fifo, Stat($"{root}/d/fifo")!.Value.Kind);
        Assert.Equal((FileKind.CharacterDevice, DeviceNumber.Make(1, 3)), Stat($"{root}/d/null") is { } node ? (node.Kind, node.RawDevice) : default);
        FileStatus capable = Stat($"{root}/d/capable")!.Value;
        Assert.Equal((-2L, 750_000_000u), (capable.ModifiedSeconds, capable.ModifiedNanoseconds));
        Assert.Equal("hello"u8.ToArray(), Attribute($"{root}/d/capable", "user.note"));
        Assert.NotNull(Attribute($"{root}/d/capable", "security.capability"));
        Assert.Null(Attribute($"{root}/d/capable", "security.selinux"));
    }

    [Fact]
    public async Task Import_LongNames_AreWhole()
    {
        string gnu = string.Join('/', Enumerable.Repeat(new string('g', 60), 4));
        string pax = string.Join('/', Enumerable.Repeat(new string('p', 60), 4));
        byte[] layer = new TarBuilder().GnuLong('L', gnu).File("short", "1").Pax(("path", pax)).File("short", "2").Build();

        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", layer)));

        Assert.Equal("1", File.ReadAllText($"{LayerPath(image)}/{gnu}"));
        Assert.Equal("2", File.ReadAllText($"{LayerPath(image)}/{pax}"));
    }

    [Fact]
    public async Task Import_NameThatIsNotUtf8_KeepsItsBytes()
    {
        byte[] layer = new TarBuilder().Pax(("path", "caf\u00e9")).File("x", "1").Build();

        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", layer)));

        using Fd root = FileTree.OpenDirectory(LayerPath(image));
        Assert.Equal("caf\u00e9"u8.Length - 1, Assert.Single(DirectoryEntries.List(root)).Length);
    }

    [Fact]
    public async Task Import_Whiteouts_BecomeOverlayMarks()
    {
        byte[] lower = new TarBuilder().File("gone", "x").File("d/a").File("opaque/b").File("replaced/c").File("both/old").Build();
        byte[] upper = new TarBuilder()
            .File(".wh.gone")
            .File(".wh.never-there")
            .File("opaque/.wh..wh..opq")
            .File(".wh.replaced")
            .Directory("replaced")
            .File("both/new")
            .File(".wh.both")
            .Build();

        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", lower, upper)));

        string root = LayerPath(image, 1);
        Assert.True(Stat($"{root}/gone")!.Value.IsWhiteout);
        Assert.Null(Stat($"{root}/never-there"));
        Assert.Equal("y"u8.ToArray(), Attribute($"{root}/opaque", "trusted.overlay.opaque"));
        Assert.Equal("y"u8.ToArray(), Attribute($"{root}/replaced", "trusted.overlay.opaque"));
        Assert.Equal("y"u8.ToArray(), Attribute($"{root}/both", "trusted.overlay.opaque"));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(root), path => Path.GetFileName(path).StartsWith(".wh.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_ImpliedDirectory_LooksAsInTheLayerBelow()
    {
        byte[] lower = new TarBuilder().Directory("tmp", mode: 0b001_111_111_111, uid: 7, gid: 8).Build();
        byte[] upper = new TarBuilder().File("tmp/x").File("new/deep/y").Build();

        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", lower, upper)));

        Assert.Equal((0b001_111_111_111u, 7u, 8u), Attributes(Stat($"{LayerPath(image, 1)}/tmp")!.Value));
        Assert.Equal((0b111_101_101u, 0u, 0u), Attributes(Stat($"{LayerPath(image, 1)}/new/deep")!.Value));
    }

    [Fact]
    public async Task Import_DuplicateEntries_TheLastCounts()
    {
        byte[] layer = new TarBuilder()
            .File("a", "1").File("a", "2")
            .File("d/x").Directory("d", mode: 0b111_000_000)
            .File("tree/x").File("tree", "now a file")
            .Symlink("s", "/elsewhere").File("s", "now a file")
            .Build();

        string root = LayerPath(Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", layer))));

        Assert.Equal("2", File.ReadAllText($"{root}/a"));
        Assert.True(File.Exists($"{root}/d/x"));
        Assert.Equal(0b111_000_000u, Stat($"{root}/d")!.Value.Permissions);
        Assert.Equal("now a file", File.ReadAllText($"{root}/tree"));
        Assert.Null(new FileInfo($"{root}/s").LinkTarget);
    }

    [Fact]
    public async Task Import_EntriesThroughLinks_StayInsideTheLayer()
    {
        string outside = $"/var/tmp/podagent-escape-{Guid.NewGuid():n}";
        byte[] layer = new TarBuilder()
            .Symlink("absolute", "/").File($"absolute{outside}", "1")
            .Symlink("climbing", "../../../../../../../..").File($"climbing{outside}-2", "2")
            .Symlink("run", "/var/run").File("run/pid", "3")
            .Build();

        string root = LayerPath(Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", layer))));

        Assert.False(File.Exists(outside));
        Assert.False(File.Exists(outside + "-2"));
        Assert.Equal("1", File.ReadAllText(root + outside));
        Assert.Equal("2", File.ReadAllText(root + outside + "-2"));
        Assert.Equal("3", File.ReadAllText(root + "/var/run/pid"));
    }

    public static TheoryData<string, string, string> Attacks() => new()
    {
        { "parent directory", "file ../evil", "leads out of the layer" },
        { "parent directory inside", "file a/../../evil", "leads out of the layer" },
        { "absolute", "file /evil", "is absolute" },
        { "hard link out", "hard x ../../../etc/passwd", "leads out of the layer" },
        { "absolute hard link", "hard x /etc/passwd", "is absolute" },
        { "hard link through a link", "link l /etc;hard x l/passwd", "no file of this layer" },
        { "hard link to a directory", "dir d;hard x d", "no file of this layer" },
        { "file under a file", "file f;file f/x", "something else" },
        { "forged whiteout", "char x 0 0", "0:0" },
        { "whiteout of dot", "file .wh..", "whiteout of no name" },
        { "whiteout of parent", "file .wh...", "whiteout of no name" },
        { "whiteout of nothing", "file .wh.", "whiteout of no name" },
        { "name below a whiteout", "file .wh.a/b", "below a whiteout" },
        { "overlay attribute", "pax SCHILY.xattr.trusted.overlay.redirect=/etc;file x", "reserved for overlayfs" },
        { "link loop", "link a b;link b a;file a/x", "directory" },
        { "root as a link", "link . /etc", "root of a layer" },
        { "unknown type", "type V x", "unknown tar entry type" },
        { "sparse", "type S x", "sparse" },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Import_HostileLayer_IsRefusedWhole(string title, string script, string expected)
    {
        var tar = new TarBuilder().File("innocent", "x");
        foreach (string[] words in script.Split(';').Select(step => step.Split(' ')))
        {
            _ = words[0] switch
            {
                "file" => tar.File(words[1], "evil"),
                "dir" => tar.Directory(words[1]),
                "link" => tar.Symlink(words[1], words[2]),
                "hard" => tar.Hardlink(words[1], words[2]),
                "char" => tar.CharDevice(words[1], int.Parse(words[2]), int.Parse(words[3])),
                "pax" => tar.Pax((words[1].Split('=')[0], words[1].Split('=')[1])),
                _ => tar.Entry(words[1][0], words[2]),
            };
        }

        AgentException failure = await ImportFailsAsync(ArchiveBuilder.Docker("a:1", tar.Build()));

        Assert.True(failure.Message.Contains(expected, StringComparison.Ordinal), $"{title}: {failure.Message}");
        Assert.Empty(Store.List());
    }

    [Fact]
    public async Task Import_DirectoriesDeeperThanAnyPath_IsRefused()
    {
        // Each step goes as deep as a path may be and leaves a link there, where the next begins.
        string deep = string.Join('/', Enumerable.Repeat("d", 1500));
        var tar = new TarBuilder();
        string at = "";
        for (int i = 0; i < 3; i++)
        {
            tar.Pax(("path", $"{at}{deep}")).Directory("x").Pax(("linkpath", $"{at}{deep}")).Symlink($"s{i}", "x");
            at = $"s{i}/";
        }

        AgentException failure = await ImportFailsAsync(ArchiveBuilder.Docker("a:1", tar.Build()));

        Assert.Contains("nested too deeply", failure.Message, StringComparison.Ordinal);
    }

    private static (uint Permissions, uint Uid, uint Gid) Attributes(FileStatus status) => (status.Permissions, status.Uid, status.Gid);
}
