using System.Diagnostics;
using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Recovery;

/// <summary>The agent goes, the pods stay; what happened meanwhile is known afterwards.</summary>
public sealed class AgentRestartTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task Kill_WhileAContainerWrites_NoLineIsLostOrDoubled()
    {
        await agent.ApplyAsync(PodYaml.Shell("writer", "i=0; while true; do i=$((i + 1)); echo $i; usleep 1000; done"));
        Pod before = await agent.WaitUntilRunningAsync("writer");
        using (LineReader first = agent.PodctlStart("logs", "-f", "writer"))
        {
            await first.UntilAsync(line => line == "100");
            await agent.KillAgentAsync();
        }

        await agent.StartAgentAsync();
        string seen;
        using (LineReader second = agent.PodctlStart("logs", "-f", "--tail=1", "writer"))
        {
            int current = int.Parse((await second.ReadAsync())!, System.Globalization.CultureInfo.InvariantCulture);
            seen = await second.UntilAsync(line => int.Parse(line, System.Globalization.CultureInfo.InvariantCulture) >= current + 100);
        }

        string[] lines = (await agent.PodctlAsync("logs", "writer")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length >= int.Parse(seen, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(Enumerable.Range(1, lines.Length).Select(number => $"{number}"), lines);
        Assert.Equal(Only(before).ContainerID, Only(await agent.WaitUntilRunningAsync("writer")).ContainerID);
        (await agent.PodctlAsync("delete", "pod", "writer", "--force")).Succeeded();
    }

    [Fact]
    public async Task Container_EndingWhileTheAgentIsAway_KeepsItsExitCodeAndTime()
    {
        string control = System.IO.Directory.CreateDirectory(Path.Combine(agent.Directory, "control")).FullName;
        await agent.ApplyAsync(PodYaml.Shell("away", "mkfifo /control/go; echo ready; read answer < /control/go; exit 42",
            "volumeMounts: [{name: control, mountPath: /control}]", $"restartPolicy: Never\nvolumes: [{{name: control, hostPath: {{path: {control}}}}}]"));
        await agent.WaitUntilRunningAsync("away");
        using (LineReader log = agent.PodctlStart("logs", "-f", "away"))
        {
            await log.UntilAsync(line => line == "ready");
        }

        Pod before = await agent.WaitUntilRunningAsync("away");
        using Process main = Process.GetProcessById(await agent.HostPidAsync(before, "c"));
        await agent.KillAgentAsync();
        DateTimeOffset released = DateTimeOffset.UtcNow;
        await File.WriteAllTextAsync(Path.Combine(control, "go"), "now\n");
        await main.WaitForExitAsync();
        DateTimeOffset ended = DateTimeOffset.UtcNow;
        await agent.StartAgentAsync();

        Pod after = await agent.WaitForPodAsync("away", pod => pod.Status.Phase is "Failed" or "Succeeded");

        ContainerStateTerminated state = Only(after).State.Terminated;
        Assert.Equal(("Failed", 42, 0), (after.Status.Phase, state.ExitCode, Only(after).RestartCount));
        Assert.Equal(Only(before).ContainerID, Only(after).ContainerID);
        // Kubernetes times are whole seconds.
        Assert.InRange(state.FinishedAt.Seconds, released.ToUnixTimeSeconds(), ended.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task Kill_WithApiPods_KeepsThemAndTheirLabels()
    {
        (await agent.PodctlAsync("run", "kept", "--image", PodYaml.Busybox, "-l", "a=b", "--", "sleep", "infinity")).Succeeded();
        Pod before = await agent.WaitUntilRunningAsync("kept");

        await agent.ReplaceAgentAsync();
        Pod after = await agent.WaitUntilRunningAsync("kept");

        Assert.Equal(before.Metadata.Uid, after.Metadata.Uid);
        Assert.Equal(before.Metadata.CreationTimestamp, after.Metadata.CreationTimestamp);
        Assert.Equal("b", after.Metadata.Labels["a"]);
        Assert.Equal(Only(before).ContainerID, Only(after).ContainerID);
        Assert.Equal(before.Status.PodIP, after.Status.PodIP);
        (await agent.PodctlAsync("delete", "pod", "kept", "--force")).Succeeded();
        await agent.ReplaceAgentAsync();
        Assert.DoesNotContain("kept", await agent.PodNamesAsync());
    }

    [Fact]
    public async Task Kill_DuringBackOff_DoesNotForgetIt()
    {
        await agent.ApplyAsync(PodYaml.Shell("looping", "exit 1"));
        await agent.WaitForPodAsync("looping", p => p.Status.ContainerStatuses is [{ RestartCount: 1, State.Waiting.Reason: "CrashLoopBackOff" }]);

        await agent.ReplaceAgentAsync();
        Pod restarted = await agent.WaitForPodAsync("looping", p => p.Status.ContainerStatuses is [{ RestartCount: >= 1, State.Waiting.Reason: "CrashLoopBackOff" }]);
        Assert.Equal(1, Only(restarted).RestartCount);
        Pod second = await agent.WaitForPodAsync("looping", p => p.Status.ContainerStatuses is [{ RestartCount: 2, State.Waiting.Reason: "CrashLoopBackOff" }]);

        long waited = Only(second).LastState.Terminated.StartedAt.Seconds - Only(restarted).LastState.Terminated.FinishedAt.Seconds;
        Assert.InRange(waited, 9, 20);
        (await agent.PodctlAsync("delete", "pod", "looping", "--force")).Succeeded();
    }

    [Fact]
    public async Task Terminate_EndsTheAgentAndNoPod()
    {
        await agent.ApplyAsync(PodYaml.Idle("stays"));
        Pod before = await agent.WaitUntilRunningAsync("stays");
        int main = await agent.HostPidAsync(before, "c");

        Assert.Equal(0, await agent.StopAgentAsync());
        Assert.False(File.Exists(agent.Socket));
        Assert.True(System.IO.Directory.Exists($"/proc/{main}"));
        CommandResult alone = await agent.PodctlAsync("get", "pods");
        Assert.Contains("is podagent running?", alone.Failed(), StringComparison.Ordinal);
        await agent.StartAgentAsync();

        Assert.Equal(Only(before).ContainerID, Only(await agent.WaitUntilRunningAsync("stays")).ContainerID);
    }

    [Fact]
    public async Task Manifest_RemovedWhileTheAgentIsAway_EndsItsPod()
    {
        string path = agent.AddManifest("orphaned.yaml", PodYaml.Idle("orphaned"));
        Pod pod = await agent.WaitUntilRunningAsync("orphaned");
        int main = await agent.HostPidAsync(pod, "c");

        await agent.KillAgentAsync();
        File.Delete(path);
        await agent.StartAgentAsync();

        await agent.WaitUntilGoneAsync("orphaned");
        Assert.False(System.IO.Directory.Exists($"/proc/{main}"));
    }

    private static ContainerStatus Only(Pod pod) => pod.Status.ContainerStatuses[0];
}
