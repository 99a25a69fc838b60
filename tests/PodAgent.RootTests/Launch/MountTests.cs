using Google.Protobuf;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Security;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;
using PodAgent.RootTests.Supervision;

namespace PodAgent.RootTests.Launch;

public sealed class MountTests
{
    [Fact]
    public async Task Bind_HostDirectory_IsVisibleCreatedInsideAndNotOnTheHost()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string volume = Directory.CreateDirectory(Path.Combine(pod.Work, "volume")).FullName;
        File.WriteAllText(Path.Combine(volume, "file"), "content");

        (ProcessState exit, string output) = await pod.RunAsync(
            "cat /data/deep/down/file; echo back >/data/deep/down/new", spec => spec.Mounts.Add(Bind(volume, "/data/deep/down")));

        Assert.Equal((0, "content\n"), (exit.ExitCode, output));
        Assert.Equal("back\n", File.ReadAllText(Path.Combine(volume, "new")));
        Assert.False(Directory.Exists("/data/deep"));
    }

    [Fact]
    public async Task Bind_ReadOnly_CannotBeWritten()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string volume = Directory.CreateDirectory(Path.Combine(pod.Work, "volume")).FullName;

        (_, string output) = await pod.RunAsync("touch /data/x 2>&1", spec => spec.Mounts.Add(Bind(volume, "/data", "ro")));

        Assert.Contains("Read-only file system", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bind_File_IsMountedOverAFileThatIsCreated()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string file = Path.Combine(pod.Work, "hosts");
        File.WriteAllText(file, "127.0.0.1 me\n");

        (_, string output) = await pod.RunAsync("cat /etc/hosts", spec => spec.Mounts.Add(Bind(file, "/etc/hosts")));

        Assert.Equal("127.0.0.1 me\n", output);
    }

    [Fact]
    public async Task Bind_PathDescriptorOfTheCaller_IsMounted()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string volume = Directory.CreateDirectory(Path.Combine(pod.Work, "volume")).FullName;
        File.WriteAllText(Path.Combine(volume, "file"), "by descriptor\n");
        using Fd place = FileTree.Open(volume, OpenFlags.Path | OpenFlags.Directory);
        using Fd detached = MountTrees.Clone(volume, recursive: false);

        (_, string output) = await pod.RunAsync(
            "cat /one/file /two/file",
            static spec =>
            {
                spec.Mounts.Add(new Mount { Type = "bind", Destination = "/one", SourceFd = 1 });
                spec.Mounts.Add(new Mount { Type = "bind", Destination = "/two", SourceFd = 2 });
            },
            place,
            detached);

        Assert.Equal("by descriptor\nby descriptor\n", output);
    }

    [Fact]
    public async Task Bind_TargetLinkOutOfTheRoot_StaysInside()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string outside = Directory.CreateDirectory(Path.Combine(pod.Work, "outside")).FullName;
        string volume = Directory.CreateDirectory(Path.Combine(pod.Work, "volume")).FullName;
        _ = Directory.CreateSymbolicLink(pod.Root["link"], outside);
        _ = Directory.CreateSymbolicLink(pod.Root["up"], "../../../../../../../../tmp");

        (ProcessState exit, _) = await pod.RunAsync("touch /up/data/inside", spec => spec.Mounts.Add(Bind(volume, "/up/data")));
        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(
            () => pod.RunAsync("true", spec => spec.Mounts.Add(Bind(volume, "/link/data"))));

        Assert.Equal(0, exit.ExitCode);
        Assert.True(File.Exists(Path.Combine(volume, "inside")));
        Assert.True(Directory.Exists(pod.Root["tmp/data"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.Equal(("mount", "/link/data"), (failure.Step, failure.Subject));
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("proc")]
    [InlineData("sys")]
    public async Task Start_ImageWithLinkInsteadOfDirectory_IsRefused(string name)
    {
        await using TestPod pod = await TestPod.StartAsync();
        string outside = Directory.CreateDirectory(Path.Combine(pod.Work, "outside")).FullName;
        Directory.Delete(pod.Root[name]);
        _ = Directory.CreateSymbolicLink(pod.Root[name], outside);

        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(() => pod.RunAsync("true"));

        Assert.Equal(("mount", $"/{name}"), (failure.Step, failure.Subject));
        Assert.Contains("symbolic link", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
    }

    [Fact]
    public async Task Bind_InsideProc_IsRefused()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string volume = Directory.CreateDirectory(Path.Combine(pod.Work, "volume")).FullName;

        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(
            () => pod.RunAsync("true", spec => spec.Mounts.Add(Bind(volume, "/proc/sys"))));

        Assert.Contains("inside the container's /proc", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bind_MissingSource_NamesIt()
    {
        await using TestPod pod = await TestPod.StartAsync();

        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(
            () => pod.RunAsync("true", static spec => spec.Mounts.Add(Bind("/no/such/volume", "/data"))));

        Assert.Equal(("open mount sources", "/no/such/volume", Errno.ENOENT), (failure.Step, failure.Subject, failure.Errno));
    }

    [Fact]
    public async Task Propagation_HostToContainer_OnlyWhenAsked()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string volume = Directory.CreateDirectory(Path.Combine(pod.Work, "volume")).FullName;
        string below = Directory.CreateDirectory(Path.Combine(volume, "below")).FullName;
        Mounts.Mount(volume, volume, null, MountFlags.Bind);
        try
        {
            Mounts.Mount(null, volume, null, MountFlags.Shared);
            ContainerSpec spec = pod.Script("a", "while [ ! -e /tmp/go ]; do sleep 0.02; done; ls /slave/below; echo -; ls /private/below");
            spec.Mounts.Add(Bind(volume, "/slave", "rbind", "rslave"));
            spec.Mounts.Add(Bind(volume, "/private", "rbind"));
            _ = await pod.StartAsync(spec);
            Mounts.Mount("tmpfs", below, "tmpfs", MountFlags.None);
            File.WriteAllText(Path.Combine(below, "new"), "");
            File.WriteAllText(pod.Root["tmp/go"], "");
            _ = await pod.ExitAsync("a");

            Assert.Equal("new\n-\n", pod.Output("a"));
        }
        finally
        {
            _ = Mounts.TryUnmount(below, detach: true);
            Mounts.Unmount(volume, detach: true);
        }
    }

    [Fact]
    public async Task Propagation_Bidirectional_ReachesTheHost()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string volume = Directory.CreateDirectory(Path.Combine(pod.Work, "volume")).FullName;
        string below = Directory.CreateDirectory(Path.Combine(volume, "below")).FullName;
        Mounts.Mount(volume, volume, null, MountFlags.Bind);
        try
        {
            Mounts.Mount(null, volume, null, MountFlags.Shared);
            (ProcessState exit, string output) = await pod.RunAsync("mount -t tmpfs none /shared/below && touch /shared/below/new; grep -E '^([^ ]+ ){4}/ ' /proc/self/mountinfo", spec =>
            {
                spec.RootPropagation = "rshared";
                spec.Mounts.Add(Bind(volume, "/shared", "rbind", "rshared"));
                spec.Process.Seccomp = ByteString.Empty;
                ulong all = CapabilitySet.All.Bits;
                spec.Process.Capabilities = new Capabilities { Bounding = all, Effective = all, Permitted = all };
            });

            Assert.True(exit.ExitCode == 0, output);
            Assert.Contains(" shared:", output, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(below, "new")), output);
        }
        finally
        {
            _ = Mounts.TryUnmount(below, detach: true);
            Mounts.Unmount(volume, detach: true);
        }
    }

    [Fact]
    public async Task Root_ReadOnly_CannotBeWrittenButVolumesCan()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync("touch /x 2>/dev/null || echo refused; touch /dev/shm/y && echo fine", static spec => spec.ReadonlyRootfs = true);

        Assert.Equal("refused\nfine\n", output);
    }

    [Fact]
    public async Task Host_AfterAStart_HasNoFurtherMount()
    {
        string[] before = File.ReadAllLines("/proc/self/mountinfo");
        await using TestPod pod = await TestPod.StartAsync();

        _ = await pod.StartAsync(pod.Container("a", "sleep", "1000"));

        Assert.DoesNotContain(
            File.ReadAllLines("/proc/self/mountinfo").Except(before), static line => line.Contains("podagent-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Container_Mounts_AreThoseOfTheSpecificationOnly()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync("cat /proc/mounts");

        Assert.DoesNotContain(output.Split('\n'), static line => line.Contains(" /tmp", StringComparison.Ordinal) || line.Contains("put_old", StringComparison.Ordinal));
        Assert.Contains("proc /proc proc rw,nosuid,nodev,noexec", output, StringComparison.Ordinal);
        Assert.Contains("sysfs /sys sysfs ro,nosuid,nodev,noexec", output, StringComparison.Ordinal);
        Assert.Contains("devpts /dev/pts devpts rw,nosuid,noexec", output, StringComparison.Ordinal);
        Assert.Contains("mqueue /dev/mqueue mqueue rw,nosuid,nodev,noexec", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cgroups_InsideTheContainer_AreReadOnlyAndItsOwn()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync("cat /sys/fs/cgroup/pids/cgroup.procs /sys/fs/cgroup/cgroup.procs 2>/dev/null; mkdir /sys/fs/cgroup/pids/x /sys/fs/cgroup/x 2>&1 | grep -c 'Read-only'; grep -c podagent /proc/self/cgroup");

        Assert.StartsWith("1\n", output, StringComparison.Ordinal);
        Assert.Contains("2\n", output, StringComparison.Ordinal);
        Assert.EndsWith("0\n", output, StringComparison.Ordinal);
    }

    private static Mount Bind(string source, string destination, params string[] options) =>
        new() { Type = "bind", Source = source, Destination = destination, Options = { options } };
}
