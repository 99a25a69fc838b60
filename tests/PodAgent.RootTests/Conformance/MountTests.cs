using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.Linux.Mounting;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Conformance;

/// <summary>Propagation, read-only trees and mount options of CRI mounts.</summary>
public sealed class MountTests : IDisposable
{
    private readonly string _host = Directory.CreateTempSubdirectory("pat-mounts-").FullName;

    public MountTests()
    {
        // A shared tree of its own, whatever the machine's root is.
        Mounts.Mount(_host, _host, null, MountFlags.Bind);
        Mounts.Mount(null, _host, null, MountFlags.Shared);
        Directory.CreateDirectory(Path.Combine(_host, "late"));
        Directory.CreateDirectory(Path.Combine(_host, "back"));
        Directory.CreateDirectory(Path.Combine(_host, "tmpfs"));
        Mounts.Mount("tmpfs", Path.Combine(_host, "tmpfs"), "tmpfs", MountFlags.None);
    }

    [Theory]
    [InlineData(MountPropagation.PropagationPrivate, false, false)]
    [InlineData(MountPropagation.PropagationHostToContainer, true, false)]
    [InlineData(MountPropagation.PropagationBidirectional, true, true)]
    public async Task Propagation_Mode_DecidesWhoSeesLaterMounts(MountPropagation mode, bool intoTheContainer, bool ontoTheHost)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await StartAsync(machine, new Mount { ContainerPath = "/mnt/m", HostPath = _host, Propagation = mode }, privileged: true);
        Mount shown = Assert.Single((await machine.StatusAsync(id)).Mounts);
        Assert.Equal((_host, "/mnt/m", mode, false), (shown.HostPath, shown.ContainerPath, shown.Propagation, shown.Readonly));
        Mounts.Mount("/etc", Path.Combine(_host, "late"), null, MountFlags.Bind);
        Assert.Equal((0, "", ""), await machine.ShellAsync(id, "mount --bind /etc /mnt/m/back"));
        Assert.Equal(intoTheContainer, (await machine.ShellAsync(id, "ls -A /mnt/m/late")).Out.Length > 0);
        Assert.Equal(ontoTheHost, Directory.EnumerateFileSystemEntries(Path.Combine(_host, "back")).Any());
        await machine.ShellAsync(id, "umount /mnt/m/back");
    }

    [Fact]
    public async Task ReadOnly_Plain_LeavesMountsBelowWritable()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await StartAsync(machine, new Mount { ContainerPath = "/mnt/m", HostPath = _host, Readonly = true, SelinuxRelabel = true });
        Assert.Equal("touch: /mnt/m/x: Read-only file system\n", (await machine.ExecAsync(id, "touch", "/mnt/m/x")).Error);
        Assert.Equal((0, "", ""), await machine.ExecAsync(id, "touch", "/mnt/m/tmpfs/x"));
        Mount shown = Assert.Single((await machine.StatusAsync(id)).Mounts);
        Assert.True(shown is { Readonly: true, SelinuxRelabel: true, RecursiveReadOnly: false });
    }

    [Fact]
    public async Task ReadOnly_Recursive_CoversMountsBelow()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await StartAsync(machine, new Mount { ContainerPath = "/mnt/m", HostPath = _host, Readonly = true, RecursiveReadOnly = true });
        Assert.Equal("touch: /mnt/m/tmpfs/x: Read-only file system\n", (await machine.ExecAsync(id, "touch", "/mnt/m/tmpfs/x")).Error);
        Assert.True((await machine.StatusAsync(id)).Mounts[0].RecursiveReadOnly);
    }

    [Theory]
    [InlineData(true, MountPropagation.PropagationHostToContainer)]
    [InlineData(true, MountPropagation.PropagationBidirectional)]
    [InlineData(false, MountPropagation.PropagationPrivate)]
    public async Task ReadOnly_RecursiveContradiction_IsRefusedAtCreate(bool readOnly, MountPropagation propagation)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        var mount = new Mount { ContainerPath = "/mnt/m", HostPath = _host, Readonly = readOnly, RecursiveReadOnly = true, Propagation = propagation };
        var failure = await Assert.ThrowsAsync<RpcException>(() => StartAsync(machine, mount));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
    }

    [Fact]
    public async Task Options_NoExec_HoldForTheWholeTree()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        File.Copy("/bin/busybox", Path.Combine(_host, "busybox"));
        File.Copy("/bin/busybox", Path.Combine(_host, "tmpfs", "busybox"));
        string id = await StartAsync(machine, new Mount { ContainerPath = "/mnt/m", HostPath = _host, MountOptions = { "noexec" } });
        Assert.Contains("Permission denied", (await machine.ShellAsync(id, "/mnt/m/busybox true")).Error, StringComparison.Ordinal);
        Assert.Contains("Permission denied", (await machine.ShellAsync(id, "/mnt/m/tmpfs/busybox true")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostPath_Symlink_IsResolvedOnTheNode()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        File.WriteAllText(Path.Combine(_host, "late", "file"), "");
        string link = Path.Combine(_host, "link");
        File.CreateSymbolicLink(link, Path.Combine(_host, "late"));
        string id = await StartAsync(machine, new Mount { ContainerPath = link, HostPath = link });
        Assert.Equal("file\n", (await machine.ExecAsync(id, "ls", "-A", link)).Out);
    }

    public void Dispose()
    {
        _ = Mounts.TryUnmount(Path.Combine(_host, "back"), detach: true);
        _ = Mounts.TryUnmount(Path.Combine(_host, "late"), detach: true);
        _ = Mounts.TryUnmount(Path.Combine(_host, "tmpfs"), detach: true);
        Mounts.Unmount(_host, detach: true);
        Directory.Delete(_host, recursive: true);
    }

    private static async Task<string> StartAsync(CriMachine machine, Mount mount, bool privileged = false)
    {
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.SecurityContext.Privileged = privileged;
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.SecurityContext.Privileged = privileged;
        config.Mounts.Add(mount);
        return await machine.StartAsync(await machine.RunAsync(pod), config);
    }
}
