using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;

namespace PodAgent.RootTests.Supervision;

public sealed class ContainerStartTests
{
    [Fact]
    public async Task Start_Script_RunsAsPidOneWithHostNameAndOutputInLog()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (ProcessState exit, string output) = await pod.RunAsync("echo $$ $(hostname); echo oops >&2; exit 7");

        Assert.Equal("1 test-host\noops\n", output);
        Assert.Equal(7, exit.ExitCode);
        Assert.Equal(0, exit.Signal);
        Assert.True(exit.FinishedAt >= exit.StartedAt && exit.StartedAt > 0);
    }

    [Fact]
    public async Task Start_NamespacesOfContainerAndPause_AreSharedAndOwnAsSpecified()
    {
        await using TestPod pod = await TestPod.StartAsync();
        StartReply first = await pod.StartAsync(pod.Container("a", "sleep", "1000"));
        StartReply second = await pod.StartAsync(pod.Container("b", "sleep", "1000"));

        foreach (string kind in new[] { "net", "ipc", "uts" })
        {
            Assert.Equal(NamespaceOf(pod.PausePid, kind), NamespaceOf(first.Pid, kind));
            Assert.Equal(NamespaceOf(pod.PausePid, kind), NamespaceOf(second.Pid, kind));
            Assert.NotEqual(NamespaceOf(Environment.ProcessId, kind), NamespaceOf(first.Pid, kind));
        }

        foreach (string kind in new[] { "mnt", "pid", "cgroup" })
        {
            Assert.NotEqual(NamespaceOf(first.Pid, kind), NamespaceOf(second.Pid, kind));
            Assert.NotEqual(NamespaceOf(Environment.ProcessId, kind), NamespaceOf(first.Pid, kind));
        }

        Assert.Equal(NamespaceOf(Environment.ProcessId, "user"), NamespaceOf(first.Pid, "user"));
    }

    [Fact]
    public async Task Start_HostNamespaces_AreTheHosts()
    {
        await using TestPod pod = await TestPod.StartAsync(static spec =>
            spec.Namespaces = new NamespaceSharing { HostNetwork = true, HostIpc = true, HostPid = true });
        ContainerSpec spec = pod.Container("a", "sleep", "1000");
        spec.PidMode = PidMode.PidHost;

        StartReply reply = await pod.StartAsync(spec);

        foreach (string kind in new[] { "net", "ipc", "pid", "uts" })
        {
            Assert.Equal(NamespaceOf(Environment.ProcessId, kind), NamespaceOf(reply.Pid, kind));
        }
    }

    [Fact]
    public async Task Start_ProcessesOfContainer_AreInItsCgroups()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Container("a", "sleep", "1000");

        StartReply reply = await pod.StartAsync(spec);

        Assert.NotEmpty(spec.CgroupPaths);
        Assert.All(spec.CgroupPaths, path => Assert.Contains(reply.Pid.ToString(), File.ReadAllLines($"{path}/cgroup.procs")));
    }

    [Theory]
    [InlineData("/bin/nope", "executable file \"/bin/nope\" not found in the container", Errno.ENOENT)]
    [InlineData("nope", "executable file \"nope\" not found in the container's PATH", Errno.ENOENT)]
    [InlineData("/etc/passwd", "file \"/etc/passwd\" is not executable for user 0", Errno.EACCES)]
    [InlineData("/bin/script", "\"/bin/script\" names an interpreter or loader for which there is no such file in the container", Errno.ENOENT)]
    public async Task Start_CommandThatCannotRun_FailsWithItsReason(string command, string message, Errno errno)
    {
        await using TestPod pod = await TestPod.StartAsync();
        File.WriteAllText(pod.Root["etc/passwd"], "");
        File.WriteAllText(pod.Root["bin/script"], "#!/no/such/interpreter\n");
        File.SetUnixFileMode(pod.Root["bin/script"], (UnixFileMode)0x1ED);

        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(() => pod.StartAsync(pod.Container("a", command)));

        Assert.Equal(message, failure.Message);
        Assert.Equal(errno, failure.Errno);
        StateReply state = await pod.Connection.GetStateAsync(pod.Token);
        Assert.Empty(state.Processes);
        Assert.True(state.Ready);
    }

    [Fact]
    public async Task Start_IdInUse_FailsAndLeavesTheFirstAlone()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Container("a", "sleep", "1000");
        _ = await pod.StartAsync(spec);

        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(() => pod.StartAsync(spec));

        Assert.Equal(Errno.EEXIST, failure.Errno);
        StateReply state = await pod.Connection.GetStateAsync(pod.Token);
        Assert.Equal(0, Assert.Single(state.Processes).FinishedAt);
    }

    [Fact]
    public async Task Start_KilledBySignal_ReportsSignalAnd128Plus()
    {
        await using TestPod pod = await TestPod.StartAsync();
        _ = await pod.StartAsync(pod.Container("a", "sleep", "1000"));

        await pod.Connection.SignalAsync("a", 9, all: false, pod.Token);
        ProcessState exit = await pod.ExitAsync("a");

        Assert.Equal((137, 9), (exit.ExitCode, exit.Signal));
        Assert.False(exit.OomKilled);
    }

    private static string NamespaceOf(int pid, string kind) =>
        new FileInfo($"/proc/{pid}/ns/{kind}").LinkTarget ?? throw new InvalidOperationException($"no {kind} namespace of {pid}");
}
