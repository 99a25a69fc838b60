using System.Text;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Tests.Files;

public sealed class PathNameTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Name_NotUtf8_IsTheSameInEveryCall()
    {
        byte[] name = [0x66, 0xFF, 0xFE];
        using Fd directory = FileTree.OpenDirectory(_directory);

        FileTree.CreateFile(name, 0x180, directory).Dispose();

        Assert.Equal(name, Assert.Single(DirectoryEntries.List(directory)));
        Assert.Equal(FileKind.Regular, FileTree.TryStatus(name, follow: false, directory)?.Kind);
        Assert.True(FileTree.TryRemove(name, isDirectory: false, directory));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(600)]
    [InlineData(4000)]
    public void Path_OfAnyLength_ReachesItsFile(int length)
    {
        File.WriteAllText(Path.Combine(_directory, "file"), "content");
        string way = string.Concat(Enumerable.Repeat("./", (length - _directory.Length) / 2));

        Assert.Equal("content", FileData.ReadText($"{_directory}/{way}file"));
        Assert.Equal("content", Encoding.UTF8.GetString(FileData.Read(Encoding.UTF8.GetBytes($"{_directory}/{way}file"))));
    }

    [Fact]
    public void Path_LongerThanPathMax_IsRefusedByTheKernel() =>
        Assert.Equal(Errno.ENAMETOOLONG, Assert.Throws<LinuxException>(static () => FileTree.Open(new string('a', 5000), OpenFlags.ReadOnly)).Errno);

    [Fact]
    public void Path_WithNul_NamesNoOtherFile()
    {
        File.WriteAllText(Path.Combine(_directory, "secret"), "");

        var text = Assert.Throws<LinuxException>(() => FileTree.Open($"{_directory}/secret\0.txt", OpenFlags.ReadOnly));
        var bytes = Assert.Throws<LinuxException>(() => FileTree.TryRemove(Encoding.UTF8.GetBytes($"{_directory}/secret\0.txt")));

        Assert.Equal((Errno.EINVAL, Errno.EINVAL), (text.Errno, bytes.Errno));
        Assert.Equal($"{_directory}/secret\\0.txt", text.Subject);
        Assert.True(File.Exists(Path.Combine(_directory, "secret")));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("a", false)]
    public void IsEmpty_OfTextAndBytes_IsTheSame(string path, bool expected)
    {
        PathName text = path;
        PathName bytes = Encoding.UTF8.GetBytes(path);

        Assert.Equal((expected, expected), (text.IsEmpty, bytes.IsEmpty));
        Assert.Equal(text.ToString(), bytes.ToString());
    }
}
