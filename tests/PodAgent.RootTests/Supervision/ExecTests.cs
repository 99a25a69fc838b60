using System.Text;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Terminals;

namespace PodAgent.RootTests.Supervision;

public sealed class ExecTests
{
    [Fact]
    public async Task Exec_Command_SeesTheContainerAndReportsItsEnd()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Container("a", "sleep", "1000");
        StartReply container = await pod.StartAsync(spec);

        (ProcessState exit, string output) = await ExecAsync(pod, "cat; tr '\\0' ' ' </proc/1/cmdline; hostname; pwd; cat /proc/self/cgroup | head -1; exit 5", "in\n");

        Assert.Equal(5, exit.ExitCode);
        Assert.Equal("a", exit.ContainerId);
        string[] lines = output.Split('\n');
        Assert.Equal("in", lines[0]);
        Assert.Equal("sleep 1000 test-host", lines[1]);
        Assert.Equal("/tmp", lines[2]);
        Assert.EndsWith(":/", lines[3]);
        Assert.True(container.Pid > 0);
    }

    [Fact]
    public async Task Exec_OfEveryNamespace_IsTheContainers()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Container("a", "sleep", "1000");
        StartReply container = await pod.StartAsync(spec);
        StartReply exec = await pod.Connection.ExecAsync(
            new ExecRequest { Id = "e", ContainerId = "a", Process = TestPod.Process("sleep", "1000") }, [], pod.Token);

        foreach (string kind in new[] { "mnt", "pid", "net", "ipc", "uts", "cgroup" })
        {
            Assert.Equal(new FileInfo($"/proc/{container.Pid}/ns/{kind}").LinkTarget, new FileInfo($"/proc/{exec.Pid}/ns/{kind}").LinkTarget);
        }

        Assert.All(spec.CgroupPaths, path => Assert.Contains(exec.Pid.ToString(), File.ReadAllLines($"{path}/cgroup.procs")));
    }

    [Fact]
    public async Task Exec_Terminal_IsControlling()
    {
        await using TestPod pod = await TestPod.StartAsync();
        _ = await pod.StartAsync(pod.Container("a", "sleep", "1000"));
        StateReply state = await pod.Connection.GetStateAsync(pod.Token);
        using Fd instance = FileTree.Open($"/proc/{state.Processes[0].Pid}/root/dev/pts", OpenFlags.Path | OpenFlags.Directory);
        (Fd leader, Fd follower) = PseudoTerminals.Open("ptmx", instance);
        using (leader)
        {
            ProcessSpec process = TestPod.Process("sh", "-c", "tty; echo ok >/dev/tty");
            process.Tty = true;
            _ = await pod.Connection.ExecAsync(new ExecRequest { Id = "e", ContainerId = "a", Process = process, TerminalFd = 0 }, [follower], pod.Token);
            follower.Dispose();
            Assert.Equal(0, (await pod.ExitAsync("e")).ExitCode);

            // The end of a terminal is an error, not an end of file.
            byte[] buffer = new byte[256];
            int length = 0;
            int count;
            while ((count = FileData.TryRead(leader, buffer.AsSpan(length), out _)) > 0)
            {
                length += count;
            }

            Assert.Equal("/dev/pts/0\r\nok\r\n", Encoding.UTF8.GetString(buffer, 0, length));
        }
    }

    [Fact]
    public async Task Exec_MissingCommand_Fails()
    {
        await using TestPod pod = await TestPod.StartAsync();
        _ = await pod.StartAsync(pod.Container("a", "sleep", "1000"));

        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(() =>
            pod.Connection.ExecAsync(new ExecRequest { Id = "e", ContainerId = "a", Process = TestPod.Process("nope") }, [], pod.Token));

        Assert.Equal(Errno.ENOENT, failure.Errno);
    }

    [Fact]
    public async Task Exec_ContainerHasEnded_Fails()
    {
        await using TestPod pod = await TestPod.StartAsync();
        _ = await pod.StartAsync(pod.Container("a", "true"));
        _ = await pod.ExitAsync("a");

        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(() =>
            pod.Connection.ExecAsync(new ExecRequest { Id = "e", ContainerId = "a", Process = TestPod.Process("true") }, [], pod.Token));

        Assert.Equal(Errno.ESRCH, failure.Errno);
    }

    [Fact]
    public async Task Exec_ManyAtOnce_AllEnd()
    {
        await using TestPod pod = await TestPod.StartAsync();
        _ = await pod.StartAsync(pod.Container("a", "sleep", "1000"));

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => pod.Connection.ExecAsync(
            new ExecRequest { Id = $"e{i}", ContainerId = "a", Process = TestPod.Process("sh", "-c", $"exit {i}") }, [], pod.Token)));
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(i, (await pod.ExitAsync($"e{i}")).ExitCode);
        }
    }

    [Fact]
    public async Task Exec_Refused_LeavesNoDescriptor()
    {
        await using TestPod pod = await TestPod.StartAsync();
        _ = await pod.StartAsync(pod.Container("a", "sleep", "1000"));
        string descriptors = $"/proc/{pod.Connection.SupervisorPid}/fd";
        int before = Directory.GetFileSystemEntries(descriptors).Length;

        for (int i = 0; i < 20; i++)
        {
            var request = new ExecRequest { Id = $"e{i}", ContainerId = "a", Process = TestPod.Process("true", "a\0b") };
            SandboxFailureException refused = await Assert.ThrowsAsync<SandboxFailureException>(() => pod.Connection.ExecAsync(request, [], pod.Token));
            Assert.Contains("NUL", refused.Message);
        }

        Assert.InRange(Directory.GetFileSystemEntries(descriptors).Length, 1, before);
    }

    [Fact]
    public async Task Start_Refused_LeavesNoDescriptor()
    {
        await using TestPod pod = await TestPod.StartAsync();
        string descriptors = $"/proc/{pod.Connection.SupervisorPid}/fd";
        ContainerSpec spec = pod.Container("a", "true");
        spec.CgroupPaths.Add("/sys");

        // Uses up the process that was cloned ahead, and its descriptors with it.
        _ = await pod.StartAsync(pod.Container("first", "sleep", "1000"));
        int before = Directory.GetFileSystemEntries(descriptors).Length;

        for (int i = 0; i < 20; i++)
        {
            SandboxFailureException refused = await Assert.ThrowsAsync<SandboxFailureException>(() => pod.StartAsync(spec));
            Assert.Equal(Errno.EINVAL, refused.Errno);
        }

        // The supervisor closes the last one's behind its answer. One for each that was refused would be 20.
        Assert.InRange(Directory.GetFileSystemEntries(descriptors).Length, 1, before + 5);
    }

    private static async Task<(ProcessState Exit, string Output)> ExecAsync(TestPod pod, string script, string input)
    {
        (Fd inputRead, Fd inputWrite) = FileData.MakePipe();
        (Fd outputRead, Fd outputWrite) = FileData.MakePipe();
        _ = FileData.TryWriteAll(inputWrite, Encoding.UTF8.GetBytes(input), out _);
        inputWrite.Dispose();
        ProcessSpec process = TestPod.Process("sh", "-c", script);
        process.WorkingDir = "/tmp";
        _ = await pod.Connection.ExecAsync(
            new ExecRequest { Id = "e", ContainerId = "a", Process = process, StdinFd = 0, StdoutFd = 1 }, [inputRead, outputWrite], pod.Token);
        inputRead.Dispose();
        outputWrite.Dispose();
        ProcessState exit = await pod.ExitAsync("e");
        using (outputRead)
        {
            return (exit, Encoding.UTF8.GetString(FileData.Read(outputRead)));
        }
    }
}
