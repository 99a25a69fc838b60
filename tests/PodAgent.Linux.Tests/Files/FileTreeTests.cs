using PodAgent.Linux.Files;

namespace PodAgent.Linux.Tests.Files;

public sealed class FileTreeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-tree-").FullName;

    [Fact]
    public void Open_InRoot_AbsoluteLinkStaysInside()
    {
        _ = Directory.CreateDirectory(Path.Combine(_directory, "etc"));
        File.WriteAllText(Path.Combine(_directory, "etc/passwd"), "mine");
        _ = File.CreateSymbolicLink(Path.Combine(_directory, "link"), "/etc/passwd");
        using Fd root = FileTree.Open(_directory, OpenFlags.Path | OpenFlags.Directory);

        using Fd file = FileTree.Open(root, "link", OpenFlags.ReadOnly, ResolveFlags.InRoot);

        Assert.Equal("mine"u8.ToArray(), FileData.Read(file));
    }

    [Fact]
    public void Open_Beneath_WayOutIsRefused()
    {
        using Fd root = FileTree.Open(_directory, OpenFlags.Path | OpenFlags.Directory);

        Assert.Null(FileTree.TryOpen(root, "../etc", OpenFlags.Path, ResolveFlags.Beneath, 0, out Errno errno));
        Assert.Equal(Errno.EXDEV, errno);
    }

    [Fact]
    public void TryMake_ExistingName_IsFalse()
    {
        using Fd root = FileTree.Open(_directory, OpenFlags.Path | OpenFlags.Directory);

        Assert.True(FileTree.TryMakeDirectory("d", 0x1C0, root));
        Assert.False(FileTree.TryMakeDirectory("d", 0x1C0, root));
        Assert.True(FileTree.TryMakeFile("f", 0x180, root));
        Assert.False(FileTree.TryMakeFile("f", 0x180, root));
        Assert.True(FileTree.TryMakeLink("l", "f", root));
        Assert.Equal("f", FileTree.ReadLink("l", root));
        Assert.Equal(FileKind.SymbolicLink, FileTree.TryStatus("l", follow: false, root)?.Kind);
        Assert.Equal(FileKind.Regular, FileTree.TryStatus("l", follow: true, root)?.Kind);
    }

    [Fact]
    public void Try_MissingFile_IsNullOrFalse()
    {
        using Fd root = FileTree.Open(_directory, OpenFlags.Path | OpenFlags.Directory);

        Assert.Null(FileTree.TryOpen("none", OpenFlags.ReadOnly, 0, root));
        Assert.Null(FileTree.TryStatus("none", follow: true, root));
        Assert.False(FileTree.TryRemove("none", false, root));
        LinuxException exception = Assert.Throws<LinuxException>(() => FileTree.Open("none", OpenFlags.ReadOnly, 0, root));
        Assert.Equal((Errno.ENOENT, "open(2)", "none"), (exception.Errno, exception.Operation, exception.Subject));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(259, 1048575)]
    [InlineData(4095, 255)]
    public void DeviceNumber_Packed_IsUnpackedAgain(long major, long minor)
    {
        ulong device = DeviceNumber.Make(major, minor);

        Assert.Equal((major, minor), (DeviceNumber.Major(device), DeviceNumber.Minor(device)));
    }

    [Fact]
    public void Status_NullDevice_IsOneThree()
    {
        FileStatus status = FileTree.TryStatus("/dev/null")!.Value;

        Assert.Equal((FileKind.CharacterDevice, DeviceNumber.Make(1, 3)), (status.Kind, status.RawDevice));
    }

    [Fact]
    public void Read_LongerThanTheLimit_IsRefused()
    {
        File.WriteAllBytes(Path.Combine(_directory, "big"), new byte[10000]);

        Assert.Equal(Errno.EFBIG, Assert.Throws<LinuxException>(() => FileData.Read(Path.Combine(_directory, "big"), limit: 5000)).Errno);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
