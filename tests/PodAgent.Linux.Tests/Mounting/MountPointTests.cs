using PodAgent.Linux.Mounting;

namespace PodAgent.Linux.Tests.Mounting;

public sealed class MountPointTests
{
    private const string MountInfo =
        """
        22 1 259:1 / / rw,relatime - ext4 /dev/root rw
        23 22 0:21 / /sys/fs/cgroup rw,nosuid - tmpfs tmpfs rw
        24 23 0:22 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct
        25 22 0:23 / /mnt/with\040space ro,noexec shared:1 - xfs /dev/sdb rw
        26 22 0:24 / /mnt rw - btrfs /dev/sdc rw
        27 22 0:25 / /mnt rw - tmpfs tmpfs rw
        28 22 0:26 / /mntx/tab\011back\134slash rw - tmpfs tmpfs rw
        """;

    [Theory]
    [InlineData("/", "ext4")]
    [InlineData("/var/lib", "ext4")]
    [InlineData("/mnt", "tmpfs")]
    [InlineData("/mntx", "ext4")]
    [InlineData("/mnt/with space/a", "xfs")]
    [InlineData("/sys/fs/cgroup/cpu", "cgroup")]
    public void Of_Path_IsTheLastAndLongest(string path, string type) =>
        Assert.Equal(type, MountPoint.Of(path, MountPoint.Parse(MountInfo))?.Type);

    [Fact]
    public void Parse_ReadsOptionsOfMountAndFileSystem()
    {
        MountPoint mount = MountPoint.Parse(MountInfo).Single(mount => mount.Path == "/mnt/with space");

        Assert.Equal(["ro", "noexec"], mount.Options);
        Assert.Equal(["rw"], mount.SuperOptions);
    }

    [Fact]
    public void Parse_EscapedCharacters_AreReadAsTheyAre() =>
        Assert.Equal("/mntx/tab\tback\\slash", MountPoint.Parse(MountInfo)[^1].Path);

    [Fact]
    public void Parse_LineThatIsCutOff_IsLeftOut() => Assert.Empty(MountPoint.Parse("22 1 259:1 / / rw,relatime - ext4\n22 1\n"));

    [Theory]
    [InlineData("/mnt")]
    [InlineData("/mnt/")]
    public void Below_Directory_IsWhatCanBeUnmountedFirst(string directory) => Assert.Equal(
        ["tmpfs /mnt", "btrfs /mnt", "xfs /mnt/with space"],
        MountPoint.Below(directory, MountPoint.Parse(MountInfo)).Select(mount => $"{mount.Type} {mount.Path}"));
}
