using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>Log files: their place, their format, and when what has been written can be relied on.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class LogTests(AgentFixture agent)
{
    [Fact]
    public async Task Log_OfAContainerThatHasExited_IsComplete()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        DateTimeOffset before = DateTimeOffset.UtcNow;

        (_, string output, string error) = await pod.RunToEndAsync(CriPod.Shell("echo hello world; echo; echo no > /proc/self/fd/2; printf unfinished"));

        // The end of the output ends the line.
        Assert.Equal(("hello world\n\nunfinished\n", "no\n"), (output, error));
        LogLine[] lines = [.. LogLine.ReadAll(Assert.Single(Directory.GetFiles(pod.Config.LogDirectory)))];
        Assert.All(lines, line => Assert.InRange(line.Time, before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1)));
    }

    [Fact]
    public async Task Log_WhenStartHasReturned_IsThereUnderAnAbsolutePath()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Idle();
        config.LogPath = "deep/er/0.log";

        string container = await pod.StartAsync(config);

        Assert.True(File.Exists(pod.LogFile(config)));
        Assert.Equal(pod.LogFile(config), (await pod.StatusAsync(container)).LogPath);
    }

    // Readers scan line by line with a buffer of 64 KiB.
    [Fact]
    public async Task Log_OfALongLine_IsInPartsThatAddUp()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);

        (_, string output, _) = await pod.RunToEndAsync(CriPod.Shell("dd if=/dev/zero bs=1000 count=200 2>/dev/null | tr '\\0' x; echo; echo after"));

        Assert.Equal(new string('x', 200_000) + "\nafter\n", output);
        Assert.All(File.ReadLines(Assert.Single(Directory.GetFiles(pod.Config.LogDirectory))), line => Assert.InRange(line.Length, 1, 65_535));
    }

    [Fact]
    public async Task Log_Reopened_IsANewFileAtOnceAndTheOldOneIsLeftAlone()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Idle();
        config.LogPath = "0.log";
        string container = await pod.StartAsync(config);

        // The container's own standard output, written to by an exec.
        string pid = (await pod.OutputAsync(container, "pidof", "sleep")).Trim();
        string[] Say(string word) => ["sh", "-c", $"echo {word} > /proc/{pid}/fd/1"];
        await pod.OutputAsync(container, Say("first"));
        string log = pod.LogFile(config);
        await AwaitAsync(log, "first");
        File.Move(log, log + ".old");

        await agent.Runtime.ReopenContainerLogAsync(new ReopenContainerLogRequest { ContainerId = container });

        Assert.True(File.Exists(log));
        await pod.OutputAsync(container, Say("second"));
        await AwaitAsync(log, "second");
        Assert.Equal(["first"], LogLine.ReadAll(log + ".old").Select(line => line.Text));
        Assert.Equal(["second"], LogLine.ReadAll(log).Select(line => line.Text));
    }

    [Fact]
    public async Task Log_NotAskedFor_DoesNotBlockTheWriter()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);

        ContainerStatus status = await pod.ExitAsync(await pod.StartAsync(CriPod.Shell("dd if=/dev/zero bs=1M count=4")));

        Assert.Equal(0, status.ExitCode);
    }

    // A line that the container has written is in the file soon, not at once.
    private static async Task AwaitAsync(string path, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!File.ReadAllText(path).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(10, limit.Token);
        }
    }
}
