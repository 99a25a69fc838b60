using System.Text;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.RootTests.Supervision;

public sealed class StreamTests
{
    [Fact]
    public async Task Attach_StdinOnce_ReachesTheContainerAndEndsWithTheClient()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Container("a", "cat");
        spec.Stdin = spec.StdinOnce = true;
        _ = await pod.StartAsync(spec);
        (Fd inputRead, Fd inputWrite) = FileData.MakePipe();
        (Fd outputRead, Fd outputWrite) = FileData.MakePipe();
        using (inputRead)
        using (outputRead)
        {
            await pod.Connection.AttachAsync(new AttachRequest { Id = "a", StdinFd = 0, StdoutFd = 1 }, [inputRead, outputWrite], pod.Token);
            outputWrite.Dispose();
            _ = FileData.TryWriteAll(inputWrite, "hello\n"u8, out _);
            inputWrite.Dispose();

            Assert.Equal(0, (await pod.ExitAsync("a")).ExitCode);
            Assert.Equal("hello\n", Encoding.UTF8.GetString(FileData.Read(outputRead)));
            Assert.Equal("hello\n", pod.Output("a"));
        }
    }

    [Fact]
    public async Task Attach_StdinWithoutOnce_StaysOpenForTheNextClient()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Container("a", "cat");
        spec.Stdin = true;
        _ = await pod.StartAsync(spec);

        await SendAsync(pod, "one\n");
        await pod.WaitForOutputAsync("a", "one\n");
        await SendAsync(pod, "two\n");
        await pod.WaitForOutputAsync("a", "two\n");
        await pod.Connection.CloseStdinAsync("a", pod.Token);

        Assert.Equal(0, (await pod.ExitAsync("a")).ExitCode);
    }

    [Fact]
    public async Task Attach_ReaderThatNeverReads_DoesNotStopTheContainer()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Script("a", "while [ ! -e /tmp/go ]; do sleep 0.05; done; head -c 8000000 /dev/zero | tr '\\0' '\\n'");
        spec.LogPath = "";
        _ = await pod.StartAsync(spec);
        (Fd read, Fd write) = FileData.MakePipe();
        using (read)
        {
            await pod.Connection.AttachAsync(new AttachRequest { Id = "a", StdoutFd = 0 }, [write], pod.Token);
            write.Dispose();
            File.WriteAllText(pod.Root["tmp/go"], "");

            Assert.Equal(0, (await pod.ExitAsync("a")).ExitCode);
        }
    }

    [Fact]
    public async Task Attach_SlowReader_GetsEverythingAndSlowsTheContainerDown()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Script("a", "while [ ! -e /tmp/go ]; do sleep 0.05; done; head -c 8000000 /dev/zero | tr '\\0' '\\n'; touch /tmp/done; sleep 1000");
        spec.LogPath = "";
        _ = await pod.StartAsync(spec);
        (Fd read, Fd write) = FileData.MakePipe();
        using (read)
        {
            await pod.Connection.AttachAsync(new AttachRequest { Id = "a", StdoutFd = 0 }, [write], pod.Token);
            write.Dispose();
            File.WriteAllText(pod.Root["tmp/go"], "");
            byte[] buffer = new byte[100_000];
            int total = 0;
            while (total < 4_000_000)
            {
                total += FileData.TryRead(read, buffer, out _);
            }

            // More is left than all buffers on the way hold.
            Assert.False(File.Exists(pod.Root["tmp/done"]));
            while (total < 8_000_000)
            {
                total += FileData.TryRead(read, buffer, out _);
            }

            Assert.Equal(8_000_000, total);
        }
    }

    [Fact]
    public async Task Attach_Replay_TellsTheLogsSizeAndBeginsWithTheUnfinishedLine()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Script("a", "echo whole; printf 'begun'; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo ' ended'; exit 3");
        _ = await pod.StartAsync(spec);
        await pod.WaitForOutputAsync("a", "whole");
        (Fd read, Fd write) = FileData.MakePipe();
        using (read)
        {
            AttachReply reply = await pod.Connection.AttachAsync(new AttachRequest { Id = "a", StdoutFd = 0, Replay = true }, [write], pod.Token);
            write.Dispose();
            Assert.Equal(new FileInfo(spec.LogPath).Length, reply.LogSize);
            File.WriteAllText(pod.Root["tmp/go"], "");
            byte[] buffer = new byte[100];
            int length = 0;
            int count;
            while ((count = FileData.TryRead(read, buffer.AsSpan(length), out _)) > 0)
            {
                length += count;
            }

            Assert.Equal("begun ended\n", Encoding.UTF8.GetString(buffer, 0, length));
        }

        Assert.Equal(3, (await pod.ExitAsync("a")).ExitCode);
    }

    [Fact]
    public async Task Start_WithoutStdin_ReadsNothing()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync("cat; readlink /proc/self/fd/0");

        Assert.Equal("/dev/null\n", output);
    }

    [Fact]
    public async Task Start_Terminal_IsControllingHasItsSizeAndResizes()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Script(
            "a", "tty; stty size; echo hi >/dev/console; echo ctl >/dev/tty; while [ \"$(stty size)\" != '50 132' ]; do sleep 0.02; done; echo resized; exit 4");
        spec.Process.Tty = true;
        spec.Process.TerminalSize = new TerminalSize { Columns = 90, Rows = 30 };
        _ = await pod.StartAsync(spec);
        await pod.WaitForOutputAsync("a", "ctl");

        await pod.Connection.ResizeAsync("a", 132, 50, pod.Token);

        Assert.Equal(4, (await pod.ExitAsync("a")).ExitCode);
        Assert.Equal("/dev/pts/0\n30 90\nhi\nctl\nresized\n", pod.Output("a").Replace("\r", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_TerminalWithStdin_EchoesAndObeysInterrupt()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Script("a", "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.05; done");
        spec.Process.Tty = true;
        spec.Stdin = true;
        _ = await pod.StartAsync(spec);
        await pod.WaitForOutputAsync("a", "ready");

        await SendAsync(pod, "\u0003");

        Assert.Equal(9, (await pod.ExitAsync("a")).ExitCode);
    }

    [Fact]
    public async Task Start_OtherUser_CanReopenItsOutput()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (ProcessState exit, string output) = await pod.RunAsync("echo via >/dev/stdout && id -u", static spec => spec.Process.Uid = spec.Process.Gid = 1234);

        Assert.Equal((0, "via\n1234\n"), (exit.ExitCode, output));
    }

    private static async Task SendAsync(TestPod pod, string text)
    {
        (Fd read, Fd write) = FileData.MakePipe();
        await pod.Connection.AttachAsync(new AttachRequest { Id = "a", StdinFd = 0 }, [read], pod.Token);
        read.Dispose();
        _ = FileData.TryWriteAll(write, Encoding.UTF8.GetBytes(text), out _);
        write.Dispose();
    }
}
