using Grpc.Core;
using PodAgent.Api.Cri;

namespace PodAgent.RootTests.Cri;

public sealed class PodLifecycleTests
{
    [Fact]
    public async Task Pod_WholeLife_WorksAndLeavesNothing()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        PodSandboxStatus status = (await machine.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = sandbox })).Status;
        Assert.Equal(PodSandboxState.SandboxReady, status.State);
        Assert.StartsWith("10.88.", status.Network.Ip, StringComparison.Ordinal);
        string running = await machine.StartAsync(sandbox, CriMachine.Shell("echo started; exec sleep 1000"));
        Assert.Equal(ContainerState.ContainerRunning, (await machine.StatusAsync(running)).State);
        Assert.Equal((0, "hello", ""), await machine.ExecAsync(running, "echo", "-n", "hello"));
        Assert.Equal($"{status.Network.Ip}\n", (await machine.ShellAsync(running, "ip -4 -o addr show eth0 | awk '{print $4}' | cut -d/ -f1")).Out);
        Assert.Equal("pod\n", (await machine.ExecAsync(running, "hostname")).Out);
        await machine.RemoveSandboxAsync(sandbox);
        Assert.Empty(machine.Leftovers());
    }

    [Fact]
    public async Task Containers_OfOnePod_ShareNetworkIpcAndHostnameAndNothingElse()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string a = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000", "a"));
        string b = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000", "b"));
        int first = await machine.PidAsync(a);
        int second = await machine.PidAsync(b);
        foreach (string shared in new[] { "net", "ipc", "uts", "pid" })
        {
            Assert.Equal(Namespace(first, shared), Namespace(second, shared));
            Assert.NotEqual(Namespace(Environment.ProcessId, shared), Namespace(first, shared));
        }

        Assert.NotEqual(Namespace(first, "mnt"), Namespace(second, "mnt"));
        Assert.Equal("pause", (await machine.ExecAsync(a, "cat", "/proc/1/comm")).Out.Trim());
        await machine.ShellAsync(a, "echo shared > /dev/shm/x");
        Assert.Equal("shared\n", (await machine.ExecAsync(b, "cat", "/dev/shm/x")).Out);
    }

    [Fact]
    public async Task Container_WithOwnProcessIds_IsProcessOne()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Container;
        string sandbox = await machine.RunAsync(pod);
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Container;
        string id = await machine.StartAsync(sandbox, config);
        Assert.Contains("sleep 1000", (await machine.ShellAsync(id, "tr '\\0' ' ' < /proc/1/cmdline")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pod_OnTheNodesNamespaces_SharesThem()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.SecurityContext.NamespaceOptions = new NamespaceOption { Network = NamespaceMode.Node, Pid = NamespaceMode.Node, Ipc = NamespaceMode.Node };
        string sandbox = await machine.RunAsync(pod);
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.SecurityContext.NamespaceOptions = pod.Linux.SecurityContext.NamespaceOptions.Clone();
        int pid = await machine.PidAsync(await machine.StartAsync(sandbox, config));
        foreach (string shared in new[] { "net", "ipc", "pid" })
        {
            Assert.Equal(Namespace(Environment.ProcessId, shared), Namespace(pid, shared));
        }

        await machine.RemoveSandboxAsync(sandbox);
        Assert.Empty(machine.Leftovers());
    }

    [Fact]
    public async Task RunPodSandbox_PortTaken_LeavesNothingOfTheSecondPod()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig first = machine.Pod("first");
        first.PortMappings.Add(new PortMapping { ContainerPort = 80, HostPort = 18080 });
        PodSandboxConfig second = machine.Pod("second");
        second.PortMappings.Add(first.PortMappings[0]);
        await machine.RunAsync(first);
        IReadOnlyList<string> before = machine.Leftovers();
        var failure = await Assert.ThrowsAsync<RpcException>(() => machine.RunAsync(second));
        Assert.Equal(StatusCode.AlreadyExists, failure.StatusCode);
        Assert.Contains("default/second", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("default/first", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(before, machine.Leftovers());
    }

    [Fact]
    public async Task StartContainer_MissingCommand_EndsAsStartErrorNamingIt()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        ContainerConfig config = CriMachine.Shell("");
        config.Command.Clear();
        config.Command.Add("/nope");
        string id = await machine.CreateAsync(sandbox, config);
        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await machine.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id }));
        Assert.Contains("/nope", failure.Status.Detail, StringComparison.Ordinal);
        ContainerStatus status = await machine.StatusAsync(id);
        Assert.Equal((ContainerState.ContainerExited, 128, "StartError"), (status.State, status.ExitCode, status.Reason));
        Assert.Contains("/nope", status.Message, StringComparison.Ordinal);
        await machine.RemoveSandboxAsync(sandbox);
        Assert.Empty(machine.Leftovers());
    }

    [Fact]
    public async Task CreateContainer_UnknownUser_LeavesNothing()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        IReadOnlyList<string> before = machine.Leftovers();
        ContainerConfig config = CriMachine.Shell("true");
        config.Linux.SecurityContext.RunAsUsername = "ghost";
        var failure = await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, config));
        Assert.Contains("ghost", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(before, machine.Leftovers());
    }

    [Fact]
    public async Task StopContainer_Trapped_GetsItsTime()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, CriMachine.Shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"));
        await machine.UntilLoggedAsync("ready");
        await machine.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 20 });
        Assert.Equal(7, (await machine.StatusAsync(id)).ExitCode);
    }

    [Fact]
    public async Task StopContainer_Deaf_IsKilledWithItsChildren()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, CriMachine.Shell("trap '' TERM; sleep 4321 & echo ready; while :; do sleep 0.05; done"));
        string witness = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000", "witness"));
        await machine.UntilLoggedAsync("ready");
        await machine.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 1 });
        ContainerStatus status = await machine.StatusAsync(id);
        Assert.Equal((137, "Error"), (status.ExitCode, status.Reason));
        Assert.Equal("", (await machine.ShellAsync(witness, "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done 2>/dev/null | grep '^sleep 4321' || true")).Out);
    }

    [Fact]
    public async Task Container_OverItsMemory_IsOomKilled()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        ContainerConfig config = CriMachine.Shell("dd if=/dev/zero of=/dev/null bs=40M");
        config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 15 << 20, MemorySwapLimitInBytes = 15 << 20 };
        ContainerStatus status = await machine.RunToEndAsync(sandbox, config);
        Assert.Equal((137, "OOMKilled"), (status.ExitCode, status.Reason));
    }

    [Fact]
    public async Task UpdateContainerResources_Running_ChangesTheControlGroup()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 64 << 20, CpuShares = 512 };
        string id = await machine.StartAsync(sandbox, config);
        await machine.Runtime.UpdateContainerResourcesAsync(new UpdateContainerResourcesRequest
        {
            ContainerId = id,
            Linux = new LinuxContainerResources { MemoryLimitInBytes = 32 << 20 },
        });
        ContainerStats stats = (await machine.Runtime.ContainerStatsAsync(new ContainerStatsRequest { ContainerId = id })).Stats;
        Assert.InRange(stats.Memory.AvailableBytes.Value + stats.Memory.WorkingSetBytes.Value, 32ul << 20, 32ul << 20);
        Assert.NotEqual(0, stats.Cpu.Timestamp);
        Assert.Equal(32 << 20, (await machine.StatusAsync(id)).Resources.Linux.MemoryLimitInBytes);
    }

    private static string Namespace(int pid, string kind) => new FileInfo($"/proc/{pid}/ns/{kind}").LinkTarget!;
}
