using System.Diagnostics;
using PodAgent.Containers.Users;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.RootTests.Users;

/// <summary>Account files that an image's author made special: opening them would block, or act on a device.</summary>
public sealed class UserLookupSpecialFileTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("rootfs-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("p")]
    [InlineData("c 1 5")] // /dev/zero: endless
    public void Resolve_SpecialFile_IsRefusedWithoutOpeningIt(string kind)
    {
        Directory.CreateDirectory(_root + "/etc");
        using Process mknod = Process.Start("mknod", [_root + "/etc/passwd", .. kind.Split(' ')]);
        mknod.WaitForExit();
        Assert.Equal(0, mknod.ExitCode);
        using Fd root = RootfsFiles.OpenRoot(_root);

        AgentException e = Assert.Throws<AgentException>(() => UserLookup.Resolve(root, "0"));

        Assert.Equal("cannot read /etc/passwd of the image: it is not a regular file", e.Message);
    }

    [Fact]
    public void Resolve_PasswdThroughProc_IsNotFollowed()
    {
        Directory.CreateDirectory(_root + "/etc");
        Directory.CreateDirectory(_root + "/proc");
        using Process mount = Process.Start("mount", ["-t", "proc", "proc", _root + "/proc"]);
        mount.WaitForExit();
        try
        {
            File.CreateSymbolicLink(_root + "/etc/passwd", "/proc/1/root/etc/passwd");
            using Fd root = RootfsFiles.OpenRoot(_root);

            Assert.Throws<AgentException>(() => UserLookup.Resolve(root, "daemon"));
        }
        finally
        {
            using Process unmount = Process.Start("umount", [_root + "/proc"]);
            unmount.WaitForExit();
        }
    }
}
