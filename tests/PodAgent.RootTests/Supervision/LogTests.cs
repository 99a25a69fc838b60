using System.Text;
using PodAgent.Containers.Protocol;
using PodAgent.Linux;

namespace PodAgent.RootTests.Supervision;

public sealed class LogTests
{
    [Fact]
    public async Task Log_LongLine_IsSplitIntoPartialEntriesOf16KiB()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Script("a", "head -c 40000 /dev/zero | tr '\\0' x; echo; echo next");

        _ = await pod.StartAsync(spec);
        _ = await pod.ExitAsync("a");

        string[] lines = pod.LogLines("a");
        Assert.All(lines, static line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) [FP] ", line));
        Assert.Equal(
            [("P", 16384), ("P", 16384), ("F", 40000 - (2 * 16384)), ("F", 4)],
            lines.Select(static line => line.Split(' ', 4)).Select(static fields => (fields[2], fields[3].Length)));
    }

    [Fact]
    public async Task Log_BytesThatAreNoText_AreKept()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync("printf '\\377\\000\\200x\\n'");

        Assert.Equal("\u00ff\0\u0080x\n", output);
    }

    [Fact]
    public async Task Log_LastLineWithoutNewline_IsAWholeEntry()
    {
        await using TestPod pod = await TestPod.StartAsync();
        _ = await pod.StartAsync(pod.Script("a", "printf end"));
        _ = await pod.ExitAsync("a");

        Assert.EndsWith(" stdout F end", Assert.Single(pod.LogLines("a")));
        Assert.Equal((UnixFileMode)0x1A0, File.GetUnixFileMode(pod.LogPath("a")));
    }

    [Fact]
    public async Task Log_MuchOutput_IsCompleteAndInOrder()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync("seq 1 200000");

        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(200000, lines.Length);
        Assert.Equal(Enumerable.Range(1, 200000).Select(static n => n.ToString()), lines);
    }

    [Fact]
    public async Task ReopenLog_AfterRename_WritesToNewFileAndLosesNothing()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Script("a", "echo one; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo two");
        _ = await pod.StartAsync(spec);
        await pod.WaitForOutputAsync("a", "one\n");
        File.Move(pod.LogPath("a"), pod.LogPath("a") + ".old");

        await pod.Connection.ReopenLogAsync("a", pod.Token);
        File.WriteAllText(pod.Root["tmp/go"], "");
        _ = await pod.ExitAsync("a");

        Assert.EndsWith(" F one\n", File.ReadAllText(pod.LogPath("a") + ".old"));
        Assert.Equal("two\n", pod.Output("a"));
    }

    [Fact]
    public async Task Log_ThatCannotBeWritten_DoesNotEndTheContainer()
    {
        await using TestPod pod = await TestPod.StartAsync();
        ContainerSpec spec = pod.Script("a", "seq 1 100000; exit 3");
        spec.LogPath = "/dev/full";

        _ = await pod.StartAsync(spec);

        Assert.Equal(3, (await pod.ExitAsync("a")).ExitCode);
    }

    [Fact]
    public async Task Exit_GrandchildKeepsThePipe_IsReportedAndLaterOutputStillLogged()
    {
        await using TestPod pod = await TestPod.StartAsync(static spec => spec.Namespaces = new NamespaceSharing { SharePid = true });
        ContainerSpec spec = pod.Script("a", "(while [ ! -e /tmp/go ]; do sleep 0.05; done; echo late) & echo early");
        spec.PidMode = PidMode.PidPod;
        _ = await pod.StartAsync(spec);

        _ = await pod.ExitAsync("a");
        Assert.Equal("early\n", pod.Output("a"));
        File.WriteAllText(pod.Root["tmp/go"], "");

        await pod.WaitForOutputAsync("a", "late\n");
        Assert.Equal("early\nlate\n", pod.Output("a"));
    }
}
