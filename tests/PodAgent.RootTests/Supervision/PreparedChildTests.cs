using System.Globalization;
using PodAgent.Containers.Protocol;
using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.RootTests.Supervision;

/// <summary>Pause and the first container's process are cloned before they are asked for, where cgroup v1 lets them be.</summary>
public class PreparedChildTests
{
    [Fact]
    [Trait("Needs", "cgroup-v1")]
    public async Task Start_UsualPod_TakesWhatWasClonedAhead()
    {
        int[] ahead = [];
        await using TestPod pod = await TestPod.StartAsync(launched: connection => ahead = WaitForChildren(connection.SupervisorPid, 1));
        Assert.Equal(pod.PausePid, Assert.Single(ahead));

        int[] children = WaitForChildren(pod.Connection.SupervisorPid, 2);
        StartReply first = await pod.StartAsync(pod.Container("first", "sleep", "1000"));
        StartReply second = await pod.StartAsync(pod.Container("second", "sleep", "1000"));

        Assert.Contains(first.Pid, children);
        Assert.DoesNotContain(second.Pid, children);
        Assert.Equal([pod.PausePid, first.Pid, second.Pid], ChildrenOf(pod.Connection.SupervisorPid));
    }

    [Fact]
    public async Task Start_WhatWasClonedAheadIsGone_IsClonedAnew()
    {
        await using TestPod pod = await TestPod.StartAsync(launched: connection => KillAll(WaitForChildren(connection.SupervisorPid, 1)));
        KillAll([.. WaitForChildren(pod.Connection.SupervisorPid, 2).Where(pid => pid != pod.PausePid)]);

        (ProcessState exit, string output) = await pod.RunAsync("echo here");

        Assert.Equal((0, "here\n"), (exit.ExitCode, output));
    }

    [Fact]
    public async Task Start_SpecificationTooLargeForAnOrder_IsClonedAnew()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string value = new('x', 50_000);

        (ProcessState exit, string output) = await pod.RunAsync(
            "echo ${#A} ${#B}", spec => spec.Process.Env.Add([$"A={value}", $"B={value}"]));

        Assert.Equal((0, "50000 50000\n"), (exit.ExitCode, output));
    }

    [Fact]
    public async Task Start_ContainerClonedAhead_SeesWhatTheHostHasMountedMeanwhile()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string place = Directory.CreateDirectory(Path.Combine(pod.Work, "late")).FullName;
        Linux.Mounting.Mounts.Mount("late", place, "tmpfs", Linux.Mounting.MountFlags.None);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(place, "file"), "late");
            (ProcessState exit, string output) = await pod.RunAsync(
                "cat /late/file", spec => spec.Mounts.Add(new Mount { Destination = "/late", Type = "bind", Source = place, Options = { "rbind" } }));

            Assert.Equal((0, "late"), (exit.ExitCode, output.TrimEnd('\n')));
        }
        finally
        {
            Linux.Mounting.Mounts.Unmount(place, detach: true);
        }
    }

    [Fact]
    public async Task Shutdown_NoContainerWasStarted_LeavesNoProcess()
    {
        TestPod pod = await TestPod.StartAsync();
        int[] pids = [pod.Connection.SupervisorPid, .. ChildrenOf(pod.Connection.SupervisorPid)];

        await pod.DisposeAsync();

        Assert.All(pids, static pid => Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{pid}"), 5000)));
    }

    private static int[] WaitForChildren(int parent, int count)
    {
        // On v2 nothing more comes; who needs the number says so.
        SpinWait.SpinUntil(() => ChildrenOf(parent).Length >= count, 1000);
        return ChildrenOf(parent);
    }

    private static int[] ChildrenOf(int parent) =>
    [
        .. File.ReadAllText($"/proc/{parent}/task/{parent}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture)),
    ];

    private static void KillAll(int[] pids)
    {
        foreach (int pid in pids)
        {
            using (Fd process = PidFds.Open(pid))
            {
                _ = PidFds.Signal(process, SignalNumbers.SIGKILL);
            }

            Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{pid}"), 5000));
        }
    }
}
