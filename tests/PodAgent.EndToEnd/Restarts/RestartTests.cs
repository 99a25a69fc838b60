using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Restarts;

/// <summary>What becomes of containers that end, and what is said about it.</summary>
public sealed class RestartTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task CrashLoop_BacksOffAndKeepsThePreviousLog()
    {
        await agent.ApplyAsync(PodYaml.Shell("crash", "n=$(cat /s/n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > /s/n; echo attempt $n; exit 3",
            "volumeMounts: [{name: s, mountPath: /s}]", "volumes: [{name: s, emptyDir: {}}]"));

        Pod pod = await agent.WaitForPodAsync("crash", p => p.Status.ContainerStatuses is [{ RestartCount: 1, State.Waiting.Reason: "CrashLoopBackOff" }]);

        ContainerStatus status = pod.Status.ContainerStatuses[0];
        Assert.Equal($"back-off 10s restarting failed container=c pod=crash_default({pod.Metadata.Uid})", status.State.Waiting.Message);
        Assert.Equal(3, status.LastState.Terminated.ExitCode);
        Assert.Equal("Error", status.LastState.Terminated.Reason);
        Assert.Equal("Running", pod.Status.Phase);
        Assert.Equal("attempt 2\n", (await agent.PodctlAsync("logs", "crash")).Succeeded());
        // Nothing runs now: as with a kubelet, the attempt before is the one that ended last.
        Assert.Equal("attempt 2\n", (await agent.PodctlAsync("logs", "crash", "--previous")).Succeeded());
        Assert.Matches("crash +0/1 +CrashLoopBackOff +1 \\(", (await agent.PodctlAsync("get", "pods")).Succeeded());
        await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "crash" && e.Reason == "BackOff" && e.Message.StartsWith("Back-off restarting failed container c in pod crash_default", StringComparison.Ordinal));
        (await agent.PodctlAsync("delete", "pod", "crash")).Succeeded();
    }

    [Fact]
    public async Task PolicyNever_NonZeroExit_IsFailedAndError()
    {
        await agent.ApplyAsync(PodYaml.Shell("failing", "exit 7", spec: "restartPolicy: Never"));

        Pod pod = await agent.WaitForPodAsync("failing", p => p.Status.Phase is "Failed" or "Succeeded");

        ContainerStateTerminated ended = pod.Status.ContainerStatuses[0].State.Terminated;
        Assert.Equal(("Failed", "Error", 7), (pod.Status.Phase, ended.Reason, ended.ExitCode));
        Assert.Matches("failing +0/1 +Error +0 ", (await agent.PodctlAsync("get", "pods")).Succeeded());
    }

    [Fact]
    public async Task Container_KilledBySignal_HasItsNumberInTheExitCode()
    {
        // As process 1 of a PID namespace of its own it would be shielded from all signals but SIGKILL.
        await agent.ApplyAsync(PodYaml.Idle("signalled", spec: "restartPolicy: Never\nshareProcessNamespace: true"));
        Pod running = await agent.WaitUntilRunningAsync("signalled");

        (await Command.RunAsync("kill", ["-SEGV", $"{await agent.HostPidAsync(running, "c")}"])).Succeeded();
        Pod pod = await agent.WaitForPodAsync("signalled", p => p.Status.Phase is "Failed" or "Succeeded");

        ContainerStateTerminated ended = pod.Status.ContainerStatuses[0].State.Terminated;
        Assert.Equal(("Error", 128 + 11), (ended.Reason, ended.ExitCode));
    }

    [Fact]
    public async Task Container_BeyondItsMemoryLimit_IsOomKilled()
    {
        await agent.ApplyAsync(PodYaml.Of("oom", "command: [tail, /dev/zero]\nresources: {limits: {memory: 16Mi}}", "restartPolicy: Never"));

        Pod pod = await agent.WaitForPodAsync("oom", p => p.Status.Phase is "Failed" or "Succeeded");

        ContainerStateTerminated ended = pod.Status.ContainerStatuses[0].State.Terminated;
        Assert.Equal(("OOMKilled", 137), (ended.Reason, ended.ExitCode));
        Assert.Matches("oom +0/1 +OOMKilled +0 ", (await agent.PodctlAsync("get", "pods")).Succeeded());
    }

    [Fact]
    public async Task InitContainer_Failing_KeepsTheOthersFromStarting()
    {
        await agent.ApplyAsync(PodYaml.Idle("init-fails", spec: """
            restartPolicy: Never
            initContainers:
              - name: prepare
                image: podagent.local/busybox
                command: [sh, -c, exit 4]
            """));

        Pod pod = await agent.WaitForPodAsync("init-fails", p => p.Status.Phase == "Failed");

        Assert.Equal(4, pod.Status.InitContainerStatuses[0].State.Terminated.ExitCode);
        Assert.Equal("PodInitializing", pod.Status.ContainerStatuses[0].State.Waiting.Reason);
        Assert.Matches("init-fails +0/1 +Init:Error +0 ", (await agent.PodctlAsync("get", "pods")).Succeeded());
    }

    [Fact]
    public async Task LivenessProbe_Failing_RestartsTheContainer()
    {
        await agent.ApplyAsync(PodYaml.Shell("unwell", "touch /tmp/well; sleep infinity",
            "livenessProbe: {exec: {command: [cat, /tmp/well]}, periodSeconds: 1, failureThreshold: 1}"));
        await agent.WaitUntilRunningAsync("unwell");

        (await agent.PodctlAsync("exec", "unwell", "--", "rm", "/tmp/well")).Succeeded();
        await agent.WaitForPodAsync("unwell", p => p.Status.ContainerStatuses is [{ RestartCount: 1, State.Running: not null }]);

        await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "unwell" && e.Reason == "Unhealthy");
        await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "unwell" && e.Reason == "Killing" && e.Message.Contains("liveness", StringComparison.Ordinal));
    }
}
