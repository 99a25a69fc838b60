using PodAgent.Linux.Files;

namespace PodAgent.Linux.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    private string File => Path.Combine(_directory, "state");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_ExistingFile_ReplacesContentAndPermissions(bool durable)
    {
        AtomicFile.Write(File, "the first content"u8, 0x1B6, durable);
        AtomicFile.Write(File, "second"u8, AtomicFile.OwnerOnly, durable);

        Assert.Equal("second", FileData.ReadText(File));
        Assert.Equal(0x180u, FileTree.TryStatus(File)?.Permissions);
        Assert.Equal([File], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void Write_PermissionsOutsideTheMask_AreSetAllTheSame()
    {
        AtomicFile.Write(File, "x"u8, 0x1B6);

        Assert.Equal(0x1B6u, FileTree.TryStatus(File)?.Permissions);
    }

    [Fact]
    public void Write_ReaderOfTheOldFile_KeepsItsContent()
    {
        AtomicFile.Write(File, "old"u8);
        using Fd reader = FileTree.Open(File, OpenFlags.ReadOnly);

        AtomicFile.Write(File, "new"u8);

        Assert.Equal("old"u8.ToArray(), FileData.Read(reader));
    }

    [Fact]
    public void Write_RemainOfACrash_IsReplaced()
    {
        AtomicFile.Write(File + AtomicFile.TemporarySuffix, "half of a longer content"u8);

        AtomicFile.Write(File, "whole"u8);

        Assert.Equal("whole", FileData.ReadText(File));
        Assert.Equal([File], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void Write_DirectoryInTheWay_FailsAndLeavesNothing()
    {
        Directory.CreateDirectory(Path.Combine(File, "child"));

        Assert.Throws<LinuxException>(() => AtomicFile.Write(File, "x"u8));

        Assert.Equal([File], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void Write_LinkAtTheTemporaryName_IsNotFollowed()
    {
        string victim = Path.Combine(_directory, "victim");
        AtomicFile.Write(victim, "precious"u8);
        Assert.True(FileTree.TryMakeLink(File + AtomicFile.TemporarySuffix, victim));

        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => AtomicFile.Write(File, "x"u8)).Errno);

        Assert.Equal("precious", FileData.ReadText(victim));
    }

    [Fact]
    public void Write_NoDirectory_SaysSo() =>
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => AtomicFile.Write(Path.Combine(_directory, "none", "state"), "x"u8)).Errno);
}
