using PodAgent.Images.Importing;
using PodAgent.Linux;
using PodAgent.RootTests.Images;

namespace PodAgent.Images.Tests.Importing;

public sealed class StagedArchiveTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-staged-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Read_Archive_PutsFilesUnderNumbers()
    {
        StagedArchive archive = Read(new TarBuilder().Directory("d").File("d/f", "1").File("../../g", "2").File("/h", "3").CharDevice("c", 1, 3).Build());

        Assert.Equal(["d/f", "h"], archive.Files.Keys.Order());
        Assert.All(Directory.GetFileSystemEntries(_directory), path => Assert.True(int.TryParse(Path.GetFileName(path), out _)));
        Assert.Equal(ArchiveBuilder.Digest("1"u8.ToArray()), archive.Get("./d/f").Digest);
    }

    [Fact]
    public void Find_Links_LeadToFilesOfTheArchiveOnly()
    {
        StagedArchive archive = Read(new TarBuilder()
            .File("one/layer.tar", "1")
            .Symlink("two/layer.tar", "../one/layer.tar")
            .Hardlink("three", "two/layer.tar")
            .Symlink("out", "../../../../etc/passwd")
            .Symlink("loop", "loop")
            .Build());

        Assert.Equal("one/layer.tar", archive.Find("two/layer.tar")?.Entry);
        Assert.Equal("one/layer.tar", archive.Find("three")?.Entry);
        Assert.Null(archive.Find("out"));
        Assert.Null(archive.Find("loop"));
        Assert.Contains("\"gone\" is missing", Assert.Throws<ContentException>(() => archive.Get("gone")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooMuch_StopsAtTheLimit()
    {
        var limits = new ImageLimits { MaxArchiveSize = 10_000, MaxArchiveEntries = 2 };

        Assert.Equal(ErrorKind.ResourceExhausted, Assert.Throws<ContentException>(() => Read(new TarBuilder().File("big", new byte[20_000]).Build(), limits)).Kind);
        Assert.Equal(ErrorKind.ResourceExhausted, Assert.Throws<ContentException>(() => Read(new TarBuilder().File("1").File("2").File("3").Build(), limits, "2")).Kind);
    }

    [Fact]
    public void Read_EntryBombOfHugeSize_FailsWithoutMakingRoom() =>
        Assert.Equal(ErrorKind.DataLoss, Assert.Throws<ContentException>(() => Read(new TarBuilder().Entry('0', "huge", size: 8L << 30).Build())).Kind);

    private StagedArchive Read(byte[] tar, ImageLimits? limits = null, string place = ".") =>
        StagedArchive.Read(new MemoryStream(tar), Directory.CreateDirectory(Path.Combine(_directory, place)).FullName, limits ?? new ImageLimits(), CancellationToken.None);
}
