using PodAgent.Cri.Adapters;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.RootTests.Cri;

public sealed class VolumeCopiesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pat-volume-").FullName;

    [Fact]
    public void Populate_Directory_CopiesContentOwnersModesAndLinks()
    {
        Directory.CreateDirectory(At("image/data/sub"));
        File.WriteAllText(At("image/data/sub/file"), "content");
        File.CreateSymbolicLink(At("image/data/link"), "/etc/passwd");
        using (Fd sub = FileTree.OpenDirectory(At("image/data/sub")))
        {
            FileTree.SetOwner("file"u8, 1000, 1001, sub);
            FileTree.SetPermissions("file"u8, 0x9C0, sub);
        }

        Copy("/data");
        using Fd copied = FileTree.OpenDirectory(At("volume/sub"));
        FileStatus file = FileTree.TryStatus("file"u8, follow: false, copied)!.Value;
        Assert.Equal((1000u, 1001u, 0x9C0u), (file.Uid, file.Gid, file.Permissions));
        Assert.Equal("content", File.ReadAllText(At("volume/sub/file")));
        Assert.Equal("/etc/passwd", new FileInfo(At("volume/link")).LinkTarget);
    }

    // CVE-2022-23648: the path of an image's volume leads out of the image.
    [Theory]
    [InlineData("/../../../../../../../../secret")]
    [InlineData("/link")]
    [InlineData("/link/below")]
    public void Populate_PathThatLeadsOut_CopiesNothingOfTheNode(string path)
    {
        Directory.CreateDirectory(At("image"));
        Directory.CreateDirectory(At("secret/below"));
        File.WriteAllText(At("secret/key"), "secret");
        File.WriteAllText(At("secret/below/key"), "secret");
        File.CreateSymbolicLink(At("image/link"), At("secret"));
        Copy(path);
        Assert.Empty(Directory.GetFileSystemEntries(At("volume")));
    }

    [Fact]
    public void Populate_PathThatIsNotThere_IsAnEmptyDirectory()
    {
        Directory.CreateDirectory(At("image"));
        Copy("/var/lib/data");
        Assert.Empty(Directory.GetFileSystemEntries(At("volume")));
    }

    [Fact]
    public void Populate_NameThatIsNotUtf8_IsCopiedAsItIs()
    {
        byte[] name = [(byte)'n', 0xFF, (byte)'e'];
        Directory.CreateDirectory(At("image/data"));
        using (Fd data = FileTree.OpenDirectory(At("image/data")))
        using (Fd file = FileTree.CreateFile(name, 0x1A4, data))
        {
            FileData.Write(file, "content"u8, name);
        }

        Copy("/data");

        using Fd volume = FileTree.OpenDirectory(At("volume"));
        Assert.Equal(name, Assert.Single(DirectoryEntries.List(volume)));
        using Fd copied = FileTree.Open(name, OpenFlags.ReadOnly, 0, volume);
        Assert.Equal("content"u8.ToArray(), FileData.Read(copied));
    }

    public void Dispose() => DirectoryEntries.RemoveTree(_root);

    private string At(string path) => Path.Combine(_root, path);

    private void Copy(string path)
    {
        using Fd image = FileTree.OpenDirectory(At("image"));
        new VolumeCopies().Populate(image, path, At("volume"), null);
    }
}
