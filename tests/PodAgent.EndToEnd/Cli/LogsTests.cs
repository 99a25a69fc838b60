using System.Globalization;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Cli;

/// <summary>podctl logs and its options.</summary>
public sealed class LogsTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task Logs_OfAnEndedContainer_CanBeCutAndDated()
    {
        await agent.ApplyAsync(PodYaml.Shell("counts", "for i in 1 2 3 4 5; do echo line $i; done; echo error >&2; printf tail", spec: "restartPolicy: Never"));
        await agent.WaitForPodAsync("counts", p => p.Status.Phase == "Succeeded");

        // The two streams are two pipes: only the order within each is certain.
        string all = (await agent.PodctlAsync("logs", "counts")).Succeeded();
        Assert.Equal(["error", "line 1", "line 2", "line 3", "line 4", "line 5", "tail"], all.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        string[] lines = all.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(lines[^2..], (await agent.PodctlAsync("logs", "counts", "--tail=2")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("", (await agent.PodctlAsync("logs", "counts", "--tail=0")).Succeeded());
        Assert.Equal(all, (await agent.PodctlAsync("logs", "counts", "--since=1h")).Succeeded());
        Assert.Equal("", (await agent.PodctlAsync("logs", "counts", "--since-time=2999-01-01T00:00:00Z")).Succeeded());
        Assert.Equal(all[..9], (await agent.PodctlAsync("logs", "counts", "--limit-bytes=9")).Succeeded());

        string[] dated = (await agent.PodctlAsync("logs", "counts", "--timestamps")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(lines, dated.Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        Assert.All(dated, line => Assert.True(DateTimeOffset.TryParse(line.Split(' ')[0], CultureInfo.InvariantCulture, out _), line));
    }

    [Fact]
    public async Task Follow_EndsWithTheContainer()
    {
        await agent.ApplyAsync(PodYaml.Shell("followed", "echo first; mkfifo /tmp/go; read x < /tmp/go; echo last", spec: "restartPolicy: Never"));
        await agent.WaitForPodAsync("followed", p => p.Status.ContainerStatuses is [{ State.Running: not null }]);
        using LineReader follow = agent.PodctlStart("logs", "-f", "followed");
        await follow.UntilAsync(line => line == "first");

        // The container may end, and take the exec along, before the exec has ended by itself.
        CommandResult exec = await agent.PodctlAsync("exec", "followed", "--", "sh", "-c", "until [ -p /tmp/go ]; do usleep 1000; done; echo x > /tmp/go");
        Assert.True(exec.ExitCode is 0 or 128 + 9, exec.Error);

        Assert.Equal(0, await follow.EndAsync());
        Assert.Equal(["first", "last"], follow.Seen);
    }

    [Fact]
    public async Task Logs_OfSeveralContainers_TakeTheFirstANamedOneOrAllWithPrefixes()
    {
        await agent.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: pair
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 1
              containers:
                - name: left
                  image: podagent.local/busybox
                  command: [echo, from the left]
                - name: right
                  image: podagent.local/busybox
                  command: [echo, from the right]
            """);
        await agent.WaitForPodAsync("pair", p => p.Status.Phase == "Succeeded");

        CommandResult first = await agent.PodctlAsync("logs", "pair");
        Assert.Equal("from the left\n", first.Succeeded());
        Assert.Equal("Defaulted container \"left\" out of: left, right\n", first.Error);
        Assert.Equal("from the right\n", (await agent.PodctlAsync("logs", "pair", "right")).Succeeded());
        Assert.Equal("[pod/pair/left] from the left\n[pod/pair/right] from the right\n", (await agent.PodctlAsync("logs", "pair", "--all-containers", "--prefix")).Succeeded());
    }

    [Fact]
    public async Task Previous_OfAContainerThatNeverRestarted_IsAnError()
    {
        await agent.ApplyAsync(PodYaml.Idle("fresh"));
        await agent.WaitUntilRunningAsync("fresh");

        Assert.Contains("previous terminated container \"c\" in pod \"fresh\" not found", (await agent.PodctlAsync("logs", "fresh", "-p")).Failed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_OfALongLine_ComeBackWhole()
    {
        // Longer than a pipe and than a part of the stored format, and without a newline at its end.
        await agent.ApplyAsync(PodYaml.Shell("long-line", "head -c 300000 /dev/zero | tr '\\0' x", spec: "restartPolicy: Never"));
        await agent.WaitForPodAsync("long-line", p => p.Status.Phase == "Succeeded");

        Assert.Equal(new string('x', 300000), (await agent.PodctlAsync("logs", "long-line")).Succeeded().TrimEnd('\n'));
    }
}
