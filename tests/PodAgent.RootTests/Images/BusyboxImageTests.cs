using PodAgent.Images;
using PodAgent.Images.BuiltIn;
using PodAgent.Linux;

namespace PodAgent.RootTests.Images;

/// <summary>Needs Debian's busybox-static.</summary>
public sealed class BusyboxImageTests : ImageStoreFixture
{
    [Fact]
    public async Task Ensure_EmptyStore_MakesAnImageThatRuns()
    {
        await BusyboxImage.EnsureAsync(Store, ct: CancellationToken.None);

        ImageRecord image = Store.Find(BusyboxImage.Reference)!;
        Assert.Equal([BusyboxImage.Reference], image.RepoTags);
        Assert.Equal(["sh"], image.Config.Cmd);
        Assert.Contains(image.Config.Env, value => value.StartsWith("PATH=", StringComparison.Ordinal));
        string root = LayerPath(image);
        Assert.Equal(Stat($"{root}/bin/busybox")!.Value.Inode, Stat($"{root}/bin/ls")!.Value.Inode);
        Assert.Equal(Stat($"{root}/bin/busybox")!.Value.Inode, Stat($"{root}/usr/bin/env")!.Value.Inode);
        Assert.Equal(0b001_111_111_111u, Stat($"{root}/tmp")!.Value.Permissions);
        Assert.Contains("nobody:x:65534:", File.ReadAllText($"{root}/etc/passwd"), StringComparison.Ordinal);

        using Fd rootfs = await Rootfs.PrepareAsync("c", image, CancellationToken.None);
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("chroot", [$"/proc/{Environment.ProcessId}/fd/{rootfs.Number}", "/bin/sh", "-c", "echo hello > /tmp/x; cat /tmp/x; ls /"]) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal("hello bin dev etc home mnt proc root run sys tmp usr var", string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task Ensure_Again_ChangesNothing()
    {
        await BusyboxImage.EnsureAsync(Store, ct: CancellationToken.None);
        DateTimeOffset first = Store.Find(BusyboxImage.Reference)!.ImportedAt;

        await BusyboxImage.EnsureAsync(Store, ct: CancellationToken.None);

        Assert.Equal(first, Store.Find(BusyboxImage.Reference)!.ImportedAt);
    }

    [Theory]
    [InlineData("/usr/bin/env", "dynamically linked")]
    [InlineData("/etc/passwd", "no 64-bit ELF program")]
    [InlineData("/nowhere", "no such file")]
    public async Task Ensure_NoStaticBusybox_TellsWhatToInstall(string path, string problem)
    {
        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => BusyboxImage.EnsureAsync(Store, path, CancellationToken.None));

        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install busybox-static", failure.Message, StringComparison.Ordinal);
    }
}
