using System.Diagnostics;
using System.Net.Sockets;
using PodAgent.Containers.Cgroups;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Processes;

namespace PodAgent.RootTests.Supervision;

public sealed class LifecycleTests
{
    [Fact]
    public async Task Reconnect_ExitInBetween_IsInTheStateAndInTheRecord()
    {
        await using TestPod pod = await TestPod.StartAsync();
        _ = await pod.StartAsync(pod.Script("a", "while [ ! -e /tmp/go ]; do sleep 0.02; done; echo done; exit 6"));
        StartReply other = await pod.StartAsync(pod.Container("b", "sleep", "1000"));
        await pod.Connection.DisposeAsync();
        using var watch = new Inotify();
        _ = watch.Add(pod.ExitDirectory, FileEvents.MovedTo);
        File.WriteAllText(pod.Root["tmp/go"], "");
        Assert.True(await Task.Run(() => watch.Wait(10000)));

        ProcessState? record = ExitRecords.Find(pod.ExitDirectory, "a");
        await pod.ReconnectAsync();
        StateReply state = await pod.Connection.GetStateAsync(pod.Token);

        Assert.Equal(6, record?.ExitCode);
        Assert.Equal(record, state.Processes.Single(static process => process.Id == "a"));
        Assert.Equal((other.Pid, 0L), state.Processes.Where(static process => process.Id == "b").Select(static process => (process.Pid, process.FinishedAt)).Single());
        Assert.Equal((pod.PausePid, true, "pod"), (state.PausePid, state.Ready, state.Spec.Id));
        Assert.Equal("done\n", pod.Output("a"));
    }

    [Fact]
    public async Task Forget_EndedProcess_RemovesStateAndRecord()
    {
        await using TestPod pod = await TestPod.StartAsync();
        _ = await pod.StartAsync(pod.Container("a", "true"));
        _ = await pod.ExitAsync("a");
        Assert.NotNull(ExitRecords.Find(pod.ExitDirectory, "a"));

        await pod.Connection.ForgetAsync("a", pod.Token);

        Assert.Empty((await pod.Connection.GetStateAsync(pod.Token)).Processes);
        Assert.Empty(ExitRecords.ReadAll(pod.ExitDirectory));
    }

    [Fact]
    public async Task Connections_MalformedFrame_EndsOnlyItsOwn()
    {
        await using TestPod pod = await TestPod.StartAsync();
        foreach (byte[] garbage in new[] { new byte[] { 255, 255, 255, 255 }, new byte[] { 3, 0, 0, 0, 255, 255, 255 }, "GET / HTTP/1.1\r\n\r\n"u8.ToArray() })
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(pod.State, SandboxLauncher.SocketName)));
            _ = await socket.SendAsync(garbage);
            Assert.Equal(0, await socket.ReceiveAsync(new byte[16], pod.Token));
        }

        Assert.True((await pod.Connection.GetStateAsync(pod.Token)).Ready);
    }

    [Fact]
    public async Task Connections_TwoSubscribers_BothSeeTheExit()
    {
        await using TestPod pod = await TestPod.StartAsync();
        await using SandboxConnection second = await pod.ConnectAsync();
        await second.SubscribeAsync(pod.Token);
        Assert.Equal(pod.Connection.SupervisorPid, second.SupervisorPid);

        _ = await pod.StartAsync(pod.Container("a", "true"));

        Assert.Equal("a", (await second.Events.ReadAsync(pod.Token)).Exit.Process.Id);
        Assert.Equal(0, (await pod.ExitAsync("a")).ExitCode);
    }

    [Fact]
    public async Task Connect_NoSupervisor_IsNotFound()
    {
        using var launcher = new SandboxLauncher(TestPod.Binary);

        AgentException exception = await Assert.ThrowsAsync<AgentException>(() => launcher.ConnectAsync("/tmp/podagent-no-such-pod", default));

        Assert.Equal(ErrorKind.NotFound, exception.Kind);
    }

    [Fact]
    public async Task SharedPid_Orphans_AreReapedByPause()
    {
        await using TestPod pod = await TestPod.StartAsync(static spec => spec.Namespaces = new NamespaceSharing { SharePid = true });
        ContainerSpec spec = pod.Script("a", "sh -c 'setsid sleep 0.1 & exit 0'; sleep 0.5; ps -o pid,stat,comm; echo pid $$");
        spec.PidMode = PidMode.PidPod;
        _ = await pod.StartAsync(spec);
        _ = await pod.ExitAsync("a");

        string output = pod.Output("a");
        Assert.Contains("pause", output, StringComparison.Ordinal);
        Assert.DoesNotContain(" Z ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("pid 1\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TargetPid_SecondContainer_SeesTheFirst()
    {
        await using TestPod pod = await TestPod.StartAsync();
        _ = await pod.StartAsync(pod.Container("a", "sleep", "1000"));

        (_, string output) = await pod.RunAsync("tr '\\0' ' ' </proc/1/cmdline", static spec =>
        {
            spec.PidMode = PidMode.PidTarget;
            spec.PidTarget = "a";
        });

        Assert.Equal("sleep 1000 \n", output);
    }

    [Fact]
    public async Task Memory_BeyondTheLimit_IsReportedAsOom()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Container("a", "sh", "-c", "head -c 200000000 /dev/zero | tail");
        spec.CgroupPaths.Clear();
        spec.CgroupPaths.AddRange(pod.CreateCgroup("limited", new CgroupResources { MemoryLimit = 16 << 20 }).Paths);

        _ = await pod.StartAsync(spec);
        ProcessState exit = await pod.ExitAsync("a");

        Assert.True(exit.OomKilled);
        Assert.NotEqual(0, exit.ExitCode);
        Assert.Contains(pod.OtherEvents, static message => message.Oom?.ContainerId == "a");
        Assert.True((await pod.Connection.GetStateAsync(pod.Token)).Ready);
    }

    [Fact]
    public async Task Signal_All_ReachesEveryProcess()
    {
        await using TestPod pod = await TestPod.StartAsync(static spec => spec.Namespaces = new NamespaceSharing { SharePid = true });
        ContainerSpec spec = pod.Script("a", "sleep 1000 & sleep 1000 & echo up; wait");
        spec.PidMode = PidMode.PidPod;
        _ = await pod.StartAsync(spec);
        await pod.WaitForOutputAsync("a", "up");

        await pod.Connection.SignalAsync("a", SignalNumbers.SIGKILL, all: true, pod.Token);

        Assert.Equal(137, (await pod.ExitAsync("a")).ExitCode);
        Assert.All(spec.CgroupPaths.Take(1), path => Assert.True(SpinWait.SpinUntil(() => File.ReadAllText($"{path}/cgroup.procs").Length == 0, 5000)));
    }

    [Fact]
    public async Task Pause_Ends_SandboxIsNoLongerReady()
    {
        await using TestPod pod = await TestPod.StartAsync();

        using (Process pause = Process.GetProcessById(pod.PausePid))
        {
            pause.Kill();
        }

        ProcessState exit = await pod.ExitAsync("pod");
        Assert.Equal(9, exit.Signal);
        Assert.False((await pod.Connection.GetStateAsync(pod.Token)).Ready);
        _ = await Assert.ThrowsAsync<SandboxFailureException>(() => pod.StartAsync(pod.Container("a", "true")));
    }

    [Fact]
    public async Task Supervisor_Killed_PauseEndsWithItAndTheConnectionSaysSo()
    {
        await using TestPod pod = await TestPod.StartAsync();
        using Fd pause = PidFds.Open(pod.PausePid);
        using Fd supervisor = PidFds.Open(pod.Connection.SupervisorPid);

        _ = PidFds.Signal(supervisor, SignalNumbers.SIGKILL);

        await pod.Connection.Closed.WaitAsync(pod.Token);
        Assert.NotEqual(EventKinds.None, Polling.Wait(pause, EventKinds.Readable, 5000));
        _ = await Assert.ThrowsAsync<AgentException>(() => pod.ConnectAsync());
    }

    [Fact]
    public async Task Shutdown_RunningContainers_LeavesNoProcess()
    {
        TestPod pod = await TestPod.StartAsync();
        StartReply first = await pod.StartAsync(pod.Container("a", "sleep", "1000"));
        StartReply second = await pod.StartAsync(pod.Script("b", "trap '' TERM; while :; do sleep 1; done"));
        int[] pids = [first.Pid, second.Pid, pod.PausePid, pod.Connection.SupervisorPid];

        await pod.DisposeAsync();

        Assert.All(pids, static pid => Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{pid}"), 5000)));
        Assert.False(File.Exists(Path.Combine(pod.State, SandboxLauncher.SocketName)));
    }

    [Fact]
    public async Task Launch_NetworkNamespaceMadeAhead_IsTheOneOfThePod()
    {
        string? ahead = null;
        await using TestPod pod = await TestPod.StartAsync(
            _ => { },
            connection =>
            {
                using Fd made = connection.TakeNetworkNamespace()!;
                ahead = NamespaceOf($"/proc/self/fd/{made.Number}");
                Assert.Null(connection.TakeNetworkNamespace());
            });

        Assert.NotEqual(NamespaceOf("/proc/self/ns/net"), ahead);
        Assert.Equal(ahead, NamespaceOf($"/proc/{pod.PausePid}/ns/net"));
        Assert.NotEqual(NamespaceOf("/proc/self/ns/ipc"), NamespaceOf($"/proc/{pod.PausePid}/ns/ipc"));
        Assert.NotEqual(NamespaceOf("/proc/self/ns/uts"), NamespaceOf($"/proc/{pod.PausePid}/ns/uts"));

        // The supervisor itself is back at home, and lives on without a hold on what is the pod's.
        int supervisor = pod.Connection.SupervisorPid;
        foreach (string kind in new[] { "net", "ipc", "uts" })
        {
            Assert.Equal(NamespaceOf($"/proc/self/ns/{kind}"), NamespaceOf($"/proc/{supervisor}/ns/{kind}"));
        }

        Assert.DoesNotContain(ahead, Directory.GetFileSystemEntries($"/proc/{supervisor}/fd").Select(NamespaceOf));
    }

    [Fact]
    public async Task Launch_NodesNamespaces_OnesMadeAheadAreNotUsed()
    {
        await using TestPod pod = await TestPod.StartAsync(spec => spec.Namespaces = new NamespaceSharing { HostNetwork = true, HostIpc = true, SharePid = true });

        foreach (string kind in new[] { "net", "ipc", "uts" })
        {
            Assert.Equal(NamespaceOf($"/proc/self/ns/{kind}"), NamespaceOf($"/proc/{pod.PausePid}/ns/{kind}"));
        }

        Assert.NotEqual(NamespaceOf("/proc/self/ns/pid"), NamespaceOf($"/proc/{pod.PausePid}/ns/pid"));
    }

    private static string? NamespaceOf(string link) => new FileInfo(link).LinkTarget;

    [Fact]
    public async Task Spare_LauncherDisposed_Ends()
    {
        int[] others = [.. Supervisors()];
        var launcher = new SandboxLauncher(TestPod.Binary);
        string directory = Directory.CreateTempSubdirectory("podagent-spare-").FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)0x1C0);
        SandboxConnection connection = await launcher.LaunchAsync(directory, default);
        Assert.True(SpinWait.SpinUntil(() => Supervisors().Except(others).Count() > 1, 5000));
        int[] before = [.. Supervisors().Except(others)];

        launcher.Dispose();
        await connection.ShutdownAsync(default);
        await connection.DisposeAsync();

        Assert.All(before, static pid => Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{pid}"), 5000)));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Launch_GivenUpBeforeThereIsASandbox_SupervisorAndItsChildEnd()
    {
        using var launcher = new SandboxLauncher(TestPod.Binary) { KeepsSpare = false };
        string directory = Directory.CreateTempSubdirectory("podagent-launch-").FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)0x1C0);
        SandboxConnection connection = await launcher.LaunchAsync(directory, default);
        string supervisor = $"/proc/{connection.SupervisorPid}";
        string[] children = File.ReadAllText($"{supervisor}/task/{connection.SupervisorPid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(Directory.Exists(supervisor));

        await connection.DisposeAsync();

        Assert.All(
            children.Select(static child => $"/proc/{child}").Append(supervisor),
            static path => Assert.True(SpinWait.SpinUntil(() => !Directory.Exists(path), 5000), path));
        Assert.Empty(Directory.GetFileSystemEntries(directory));
        Directory.Delete(directory);
    }

    // Children of this test process only: other agents may be at work on the machine.
    private static List<int> Supervisors()
    {
        var found = new List<int>();
        foreach (Process process in Process.GetProcessesByName("pod-sandbox"))
        {
            using (process)
            {
                try
                {
                    string stat = File.ReadAllText($"/proc/{process.Id}/stat");
                    if (int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]) == Environment.ProcessId)
                    {
                        found.Add(process.Id);
                    }
                }
                catch (IOException)
                {
                    // It has ended meanwhile.
                }
            }
        }

        return found;
    }
}
