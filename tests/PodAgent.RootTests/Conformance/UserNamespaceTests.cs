using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Conformance;

/// <summary>Pods with users of their own.</summary>
public sealed class UserNamespaceTests
{
    private const uint First = 100000;
    private const uint Length = 65536;

    [Theory]
    [InlineData(NamespaceMode.Pod)]
    [InlineData(NamespaceMode.Container)]
    public async Task Pod_WithMapping_IsRootInsideAndNobodyOutside(NamespaceMode pid)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync(Pod(machine, pid));
        string id = await machine.StartAsync(sandbox, Shell("sleep 1000", pid));
        Assert.Matches(@"^\s+0\s+100000\s+65536\n$", (await machine.ExecAsync(id, "cat", "/proc/self/uid_map")).Out);
        Assert.Matches(@"^\s+0\s+100000\s+65536\n$", (await machine.ExecAsync(id, "cat", "/proc/self/gid_map")).Out);
        Assert.Equal("0 0\n", (await machine.ShellAsync(id, "echo $(id -u) $(id -g)")).Out);
        int main = await machine.PidAsync(id);
        string status = File.ReadAllText($"/proc/{main}/status");
        Assert.Contains($"Uid:\t{First}\t{First}\t{First}\t{First}\n", status, StringComparison.Ordinal);
        Assert.Contains($"Gid:\t{First}\t{First}\t{First}\t{First}\n", status, StringComparison.Ordinal);
        PodSandboxStatusResponse shown = await machine.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = sandbox });
        Assert.Equal(Users(), shown.Status.Linux.Namespaces.Options.UsernsOptions);
        await machine.RemoveSandboxAsync(sandbox);
        Assert.Empty(machine.Leftovers());
    }

    [Fact]
    public async Task Files_OfImageAndPod_BelongToTheRootInside()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.StartAsync(await machine.RunAsync(Pod(machine)), Shell("sleep 1000"));
        Assert.Equal("0:0\n", (await machine.ExecAsync(id, "stat", "-c", "%u:%g", "/")).Out);
        foreach (string path in new[] { "/bin/busybox", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/dev", "/dev/null", "/dev/shm", "/dev/mqueue", "/dev/pts", "/dev/pts/ptmx", "/root" })
        {
            Assert.Equal("0\n", (await machine.ExecAsync(id, "stat", "-c", "%u", path)).Out);
        }

        Assert.Equal((0, "x\n", ""), await machine.ShellAsync(
            id, "touch /new && mkdir /dir && chown 1000:1000 /new && echo x > /dev/shm/f && echo x >> /etc/hosts && rm /etc/passwd && echo x > /dev/null && cat /dev/shm/f"));
        Assert.Equal("1000\n", (await machine.ExecAsync(id, "stat", "-c", "%u", "/new")).Out);
    }

    [Fact]
    public async Task Root_Inside_RulesItsNamespacesAndNotTheNode()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = Shell("sleep 1000");
        config.Linux.SecurityContext.Capabilities = new Capability { AddCapabilities = { "ALL" } };
        // Where there is AppArmor, its default profile forbids mounting to everybody.
        config.Linux.SecurityContext.ApparmorProfile = "unconfined";
        string id = await machine.StartAsync(await machine.RunAsync(Pod(machine)), config);
        Assert.Equal((0, "", ""), await machine.ShellAsync(id, "hostname other && ip link set lo down && ip link set lo up && mkdir /m && mount -t tmpfs t /m && umount /m"));

        // What the runtime has mounted cannot be taken away, and nothing of the node can be reached.
        Assert.NotEqual(0, (await machine.ShellAsync(id, "umount /proc")).Code);
        Assert.NotEqual(0, (await machine.ShellAsync(id, "umount /etc/hosts")).Code);
        Assert.NotEqual(0, (await machine.ShellAsync(id, "mount -o remount,rw /sys")).Code);
        Assert.NotEqual(0, (await machine.ShellAsync(id, "mknod /node c 1 3 && cat /node")).Code);
    }

    [Fact]
    public async Task User_OtherThanRoot_WritesItsLogAndItsTerminal()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync(Pod(machine));
        ContainerConfig config = Shell("id -u; echo again > /dev/stdout; sleep 1000");
        config.Linux.SecurityContext.RunAsUser = new Int64Value { Value = 1000 };
        string id = await machine.StartAsync(sandbox, config);
        Assert.Equal("1000\n", (await machine.ExecAsync(id, "id", "-u")).Out);
        Assert.Contains($"Uid:\t{First + 1000}\t", File.ReadAllText($"/proc/{await machine.PidAsync(id)}/status"), StringComparison.Ordinal);
        ContainerConfig tty = Shell("test -t 0 && echo terminal > /dev/tty", name: "tty");
        tty.Tty = true;
        tty.Linux.SecurityContext.RunAsUser = new Int64Value { Value = 1000 };
        Assert.Equal(0, (await machine.RunToEndAsync(sandbox, tty)).ExitCode);
        Assert.Equal(["terminal"], machine.LogTexts("tty").Select(line => line.TrimEnd('\r')));
        await machine.UntilLoggedAsync("again");
        Assert.Equal(["1000", "again"], machine.LogTexts());
    }

    [Fact]
    public async Task Volume_WithThePodsMapping_ShowsItsOwnersAsTheyAreOnDisk()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string host = Directory.CreateTempSubdirectory("pat-userns-").FullName;
        try
        {
            ContainerConfig config = Shell("sleep 1000");
            config.Mounts.Add(new Mount { ContainerPath = "/mapped", HostPath = host, UidMappings = { Users().Uids }, GidMappings = { Users().Gids } });
            config.Mounts.Add(new Mount { ContainerPath = "/plain", HostPath = host });
            string id = await machine.StartAsync(await machine.RunAsync(Pod(machine)), config);
            Assert.Equal("0\n65534\n", (await machine.ExecAsync(id, "stat", "-c", "%u", "/mapped", "/plain")).Out);
            Assert.Equal((0, "", ""), await machine.ShellAsync(id, "touch /mapped/file && chown 5:6 /mapped/file"));
            Assert.NotEqual(0, (await machine.ShellAsync(id, "touch /plain/file2")).Code);
            PodAgent.Linux.Files.FileStatus status = PodAgent.Linux.Files.FileTree.TryStatus(Path.Combine(host, "file"))!.Value;
            Assert.Equal((5u, 6u), (status.Uid, status.Gid));
        }
        finally
        {
            Directory.Delete(host, recursive: true);
        }
    }

    [Fact]
    public async Task Volume_OfAFileSystemThatCannotBeMapped_IsNamed()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = Shell("true");
        config.Mounts.Add(new Mount { ContainerPath = "/mapped", HostPath = "/proc/sys", UidMappings = { Users().Uids }, GidMappings = { Users().Gids } });
        string id = await machine.CreateAsync(await machine.RunAsync(Pod(machine)), config);
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await machine.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id }));
        Assert.Equal(StatusCode.FailedPrecondition, failure.StatusCode);
        Assert.Contains("\"/proc/sys\"", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("user namespace", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImageVolume_InAUserNamespace_BelongsToItsUsers()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string image = await machine.ImportAsync(TestImages.ForVolumes());
        ContainerConfig config = Shell("sleep 1000");
        config.Mounts.Add(new Mount { ContainerPath = "/v", Image = new ImageSpec { Image = image }, Readonly = true });
        string id = await machine.StartAsync(await machine.RunAsync(Pod(machine)), config);
        Assert.Equal("0\n1000\n", (await machine.ExecAsync(id, "stat", "-c", "%u", "/v/bin/sh", "/v/data/file")).Out);
    }

    [Fact]
    public async Task Container_CreatedBeforeTheAgentWasReplaced_StartsWithTheSameOwners()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.CreateAsync(await machine.RunAsync(Pod(machine)), Shell("sleep 1000"));
        await machine.RestartAsync();
        await machine.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id });
        Assert.Equal("0\n", (await machine.ExecAsync(id, "stat", "-c", "%u", "/bin/busybox")).Out);
    }

    [Fact]
    public async Task Sysctls_OfAPodWithUsers_AreSet()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = Pod(machine);
        pod.Linux.Sysctls.Add("kernel.shm_rmid_forced", "1");
        pod.Linux.Sysctls.Add("net.ipv4.ip_unprivileged_port_start", "0");
        string id = await machine.StartAsync(await machine.RunAsync(pod), Shell("sleep 1000"));
        Assert.Equal("1\n0\n", (await machine.ExecAsync(id, "cat", "/proc/sys/kernel/shm_rmid_forced", "/proc/sys/net/ipv4/ip_unprivileged_port_start")).Out);
    }

    [Fact]
    public async Task Pod_OnTheNodesNetworkWithUsers_HasBoth()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = Pod(machine);
        pod.Linux.SecurityContext.NamespaceOptions.Network = NamespaceMode.Node;
        ContainerConfig config = Shell("sleep 1000");
        config.Linux.SecurityContext.NamespaceOptions.Network = NamespaceMode.Node;
        int pid = await machine.PidAsync(await machine.StartAsync(await machine.RunAsync(pod), config));
        Assert.Equal(new FileInfo("/proc/self/ns/net").LinkTarget, new FileInfo($"/proc/{pid}/ns/net").LinkTarget);
        Assert.NotEqual(new FileInfo("/proc/self/ns/user").LinkTarget, new FileInfo($"/proc/{pid}/ns/user").LinkTarget);
    }

    [Fact]
    public async Task Mode_Node_SharesTheNodesUsers()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.SecurityContext.NamespaceOptions.UsernsOptions = new UserNamespace { Mode = NamespaceMode.Node };
        string id = await machine.StartAsync(await machine.RunAsync(pod), CriMachine.Shell("sleep 1000"));
        Assert.Equal(File.ReadAllText("/proc/self/uid_map"), (await machine.ExecAsync(id, "cat", "/proc/self/uid_map")).Out);
    }

    public static TheoryData<UserNamespace> Refused =>
    [
        new UserNamespace { Mode = NamespaceMode.Pod, Uids = { Range(0, 1000, 10), Range(10, 2000, 10) }, Gids = { Range(0, 1000, 10), Range(10, 2000, 10) } },
        new UserNamespace { Mode = NamespaceMode.Pod, Uids = { Range(1, 1000, 10) }, Gids = { Range(1, 1000, 10) } },
        new UserNamespace { Mode = NamespaceMode.Pod },
        new UserNamespace { Mode = NamespaceMode.Container },
        new UserNamespace { Mode = NamespaceMode.Target },
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Options_ThatCannotBe_AreRefusedAndLeaveNothing(UserNamespace users)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.SecurityContext.NamespaceOptions.UsernsOptions = users;
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => machine.RunAsync(pod))).StatusCode);
        Assert.Empty((await machine.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items);
        Assert.Empty(machine.Leftovers());
    }

    private static PodSandboxConfig Pod(CriMachine machine, NamespaceMode pid = NamespaceMode.Pod)
    {
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.SecurityContext.NamespaceOptions = new NamespaceOption { Pid = pid, UsernsOptions = Users() };
        return pod;
    }

    private static ContainerConfig Shell(string script, NamespaceMode pid = NamespaceMode.Pod, string name = "main")
    {
        ContainerConfig config = CriMachine.Shell(script, name);
        config.Linux.SecurityContext.NamespaceOptions = new NamespaceOption { Pid = pid, UsernsOptions = Users() };
        return config;
    }

    private static UserNamespace Users() => new() { Mode = NamespaceMode.Pod, Uids = { Range(0, First, Length) }, Gids = { Range(0, First, Length) } };

    private static IDMapping Range(uint inside, uint outside, uint length) => new() { ContainerId = inside, HostId = outside, Length = length };
}
