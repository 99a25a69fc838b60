using System.Formats.Tar;
using System.Text;
using PodAgent.Cli.Copying;

namespace PodAgent.Cli.Tests.Copying;

/// <summary>What a container sends is not to be trusted.</summary>
public sealed class ArchiveExtractionTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podctl-cp-").FullName;
    private readonly List<string> _warnings = [];

    [Fact]
    public async Task Run_Tree_IsMadeWithItsPermissions()
    {
        int count = await ExtractAsync("got", "d", Dir("d"), File("d/a", "one", 0x1A0), File("d/sub/b", "two"), Link(TarEntryType.HardLink, "d/c", "d/a"));

        Assert.Equal((4, "one", "two", "one"), (count, Read("got/a"), Read("got/sub/b"), Read("got/c")));
        Assert.Equal((UnixFileMode)0x1A0, System.IO.File.GetUnixFileMode(Path.Combine(_directory, "got/a")));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task Run_OneFile_TakesTheNewName()
    {
        await ExtractAsync("new", "old", File("old", "text"));

        Assert.Equal("text", Read("new"));
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("d/../../evil")]
    [InlineData("/../evil")]
    public async Task Run_NameThatLeadsOut_IsRefused(string name)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "in"));
        Assert.Contains("leads out", (await Assert.ThrowsAsync<CliException>(() => ExtractAsync("in/got", "d", File(name, "evil")))).Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(Path.Combine(_directory, "evil")));
    }

    [Fact]
    public async Task Run_NameThatWasNotAskedFor_IsLeftOut()
    {
        await ExtractAsync("got", "d", File("other", "x"), File("/etc/passwd", "x"), File("d", "asked"));

        Assert.Equal("asked", Read("got"));
        Assert.Equal(2, _warnings.Count);
    }

    // A link that is made first and written through afterwards (CVE-2018-1002100, CVE-2019-1002101, CVE-2019-11246).
    [Fact]
    public async Task Run_LinksAndWhatGoesThroughThem_StayInside()
    {
        string outside = Directory.CreateTempSubdirectory("podctl-outside-").FullName;
        await ExtractAsync("got", "d", Dir("d"), Link(TarEntryType.SymbolicLink, "d/link", outside), File("d/link/evil", "x"), Link(TarEntryType.SymbolicLink, "d/file", outside + "/f"), File("d/file", "plain"));

        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.Equal("x", Read("got/link/evil"));
        Assert.Equal("plain", Read("got/file"));
        Assert.Equal(2, _warnings.Count);
        Directory.Delete(outside);
    }

    [Fact]
    public async Task Run_LinkOfThisMachineInTheWay_IsNotFollowed()
    {
        string outside = Directory.CreateTempSubdirectory("podctl-outside-").FullName;
        Directory.CreateDirectory(Path.Combine(_directory, "got"));
        System.IO.File.CreateSymbolicLink(Path.Combine(_directory, "got", "link"), outside);

        await Assert.ThrowsAsync<CliException>(() => ExtractAsync("got", "d", File("d/link/evil", "x")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Directory.Delete(outside);
    }

    [Fact]
    public async Task Run_DevicesAndPipes_AreLeftOut()
    {
        await ExtractAsync("got", "d", Dir("d"), new PaxTarEntry(TarEntryType.Fifo, "d/fifo"), new PaxTarEntry(TarEntryType.CharacterDevice, "d/null") { DeviceMajor = 1, DeviceMinor = 3 });

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_directory, "got")));
        Assert.Equal(2, _warnings.Count);
    }

    [Fact]
    public async Task Run_NoArchive_IsSaid()
    {
        byte[] noise = new byte[4096];
        Random.Shared.NextBytes(noise);
        using var extraction = new ArchiveExtraction(Path.Combine(_directory, "got"), "d", _warnings.Add);

        Assert.Contains("sends no archive", (await Assert.ThrowsAsync<CliException>(() => extraction.RunAsync(new MemoryStream(noise), CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static PaxTarEntry Dir(string name) => new(TarEntryType.Directory, name);

    private static PaxTarEntry File(string name, string text, int mode = 0x1A4) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = (UnixFileMode)mode };

    private static PaxTarEntry Link(TarEntryType type, string name, string target) => new(type, name) { LinkName = target };

    private string Read(string name) => System.IO.File.ReadAllText(Path.Combine(_directory, name));

    private async Task<int> ExtractAsync(string destination, string prefix, params TarEntry[] entries)
    {
        using var archive = new MemoryStream();
        await using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            foreach (TarEntry entry in entries)
            {
                await writer.WriteEntryAsync(entry);
            }
        }

        archive.Position = 0;
        using var extraction = new ArchiveExtraction(Path.Combine(_directory, destination), prefix, _warnings.Add);
        return await extraction.RunAsync(archive, CancellationToken.None);
    }
}
