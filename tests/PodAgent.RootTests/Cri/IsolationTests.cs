using Grpc.Core;
using PodAgent.Api.Cri;

namespace PodAgent.RootTests.Cri;

public sealed class IsolationTests
{
    [Fact]
    public async Task Mounts_AsAsked_AreThereAndReadOnlyOnesAre()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string host = Directory.CreateTempSubdirectory("pat-mount-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(host, "file"), "from the host");
            string sandbox = await machine.RunAsync();
            ContainerConfig config = CriMachine.Shell("sleep 1000");
            config.Mounts.Add(new Mount { ContainerPath = "/new/place", HostPath = host });
            config.Mounts.Add(new Mount { ContainerPath = "/ro", HostPath = host, Readonly = true });
            string id = await machine.StartAsync(sandbox, config);
            Assert.Equal("from the host", (await machine.ExecAsync(id, "cat", "/new/place/file")).Out);
            Assert.Equal("touch: /ro/x: Read-only file system\n", (await machine.ExecAsync(id, "touch", "/ro/x")).Error);
            await machine.ShellAsync(id, "echo back > /new/place/answer");
            Assert.Equal("back\n", File.ReadAllText(Path.Combine(host, "answer")));
            Assert.Equal(2, (await machine.StatusAsync(id)).Mounts.Count);
        }
        finally
        {
            Directory.Delete(host, recursive: true);
        }
    }

    [Fact]
    public async Task Mounts_MissingHostPath_IsRefusedWithItsName()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("true");
        config.Mounts.Add(new Mount { ContainerPath = "/x", HostPath = "/no/such/place" });
        string sandbox = await machine.RunAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, config));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Contains("hostPath \"/no/such/place\" does not exist", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defaults_Container_IsConfined()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.SecurityContext.Seccomp = new SecurityProfile();
        config.Linux.SecurityContext.MaskedPaths.AddRange(["/proc/kcore", "/bin/ls"]);
        config.Linux.SecurityContext.ReadonlyPaths.Add("/proc/sys");
        config.Linux.SecurityContext.NoNewPrivs = true;
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        string status = (await machine.ExecAsync(id, "cat", "/proc/self/status")).Out;
        Assert.Contains("Seccomp:\t2", status, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", status, StringComparison.Ordinal);
        Assert.Contains("CapBnd:\t00000000a80425fb", status, StringComparison.Ordinal);
        Assert.Contains("CapInh:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Equal("sh: /bin/ls: Permission denied\n", (await machine.ShellAsync(id, "/bin/ls")).Error);
        Assert.Equal(0, int.Parse((await machine.ShellAsync(id, "head -c 10 /proc/kcore | wc -c")).Out, System.Globalization.CultureInfo.InvariantCulture));
        Assert.NotEqual(0, (await machine.ShellAsync(id, "echo 1 > /proc/sys/kernel/domainname")).Code);
    }

    [Fact]
    public async Task Privileged_Container_HasDevicesAndCapabilities()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.SecurityContext.Privileged = true;
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.SecurityContext.Privileged = true;
        string id = await machine.StartAsync(await machine.RunAsync(pod), config);
        Assert.Equal(0, (await machine.ShellAsync(id, "test -c /dev/kmsg || test -b /dev/vda || test -c /dev/loop-control")).Code);
        Assert.Equal(0, (await machine.ShellAsync(id, "mkdir /m && mount -t tmpfs x /m")).Code);
        Assert.Contains("Seccomp:\t0", (await machine.ExecAsync(id, "cat", "/proc/self/status")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_AsAsked_RunsEverythingAndIsReported()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.SecurityContext.RunAsUser = new Int64Value { Value = 1000 };
        config.Linux.SecurityContext.RunAsGroup = new Int64Value { Value = 1002 };
        config.Linux.SecurityContext.SupplementalGroups.Add(1234);
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Equal("1000 1002\n", (await machine.ShellAsync(id, "echo $(id -u) $(id -g)")).Out);
        Assert.Equal("1002 1234\n", (await machine.ExecAsync(id, "id", "-G")).Out);
        LinuxContainerUser user = (await machine.StatusAsync(id)).User.Linux;
        Assert.Equal(new LinuxContainerUser { Uid = 1000, Gid = 1002, SupplementalGroups = { 1002, 1234 } }, user);
    }

    [Fact]
    public async Task Capabilities_AddedAndDropped_AreInForce()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        ContainerConfig none = CriMachine.Shell("sleep 1000", "none");
        none.Linux.SecurityContext.Capabilities = new Capability { DropCapabilities = { "ALL" } };
        ContainerConfig more = CriMachine.Shell("sleep 1000", "more");
        more.Linux.SecurityContext.Capabilities = new Capability { AddCapabilities = { "NET_ADMIN" } };
        Assert.Contains("0000000000000000", (await machine.ShellAsync(await machine.StartAsync(sandbox, none), "grep CapBnd /proc/self/status")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await machine.ShellAsync(await machine.StartAsync(sandbox, more), "ip link add dummy9 type dummy || brctl addbr foobar")).Code);
    }

    [Fact]
    public async Task ReadonlyRootfs_Asked_RefusesWrites()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("touch test.go");
        config.WorkingDir = "/";
        config.Linux.SecurityContext.ReadonlyRootfs = true;
        await machine.RunToEndAsync(await machine.RunAsync(), config);
        Assert.Equal(["touch: test.go: Read-only file system"], machine.LogTexts());
    }

    [Fact]
    public async Task Sysctls_AsAsked_AreSetInThePod()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.Sysctls.Add("kernel.shm_rmid_forced", "1");
        pod.Linux.Sysctls.Add("net.ipv4.ip_unprivileged_port_start", "0");
        string id = await machine.StartAsync(await machine.RunAsync(pod), CriMachine.Shell("sleep 1000"));
        Assert.Equal("1\n0\n", (await machine.ExecAsync(id, "cat", "/proc/sys/kernel/shm_rmid_forced", "/proc/sys/net/ipv4/ip_unprivileged_port_start")).Out);
    }

    [Fact]
    public async Task DnsAndHosts_AsAsked_AreInTheFiles()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        pod.DnsConfig = new DNSConfig { Servers = { "10.10.10.10" }, Searches = { "google.com" }, Options = { "ndots:8" } };
        string id = await machine.StartAsync(await machine.RunAsync(pod), CriMachine.Shell("sleep 1000"));
        string resolver = (await machine.ExecAsync(id, "cat", "/etc/resolv.conf")).Out;
        Assert.Contains("nameserver 10.10.10.10\n", resolver, StringComparison.Ordinal);
        Assert.Contains("search google.com\n", resolver, StringComparison.Ordinal);
        Assert.Contains("options ndots:8\n", resolver, StringComparison.Ordinal);
        Assert.Matches("(?m)^10\\.88\\.[0-9.]+\tpod$", (await machine.ExecAsync(id, "cat", "/etc/hosts")).Out);
    }
}
