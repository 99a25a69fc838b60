using System.Diagnostics;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Recovery;

/// <summary>A pod's supervisor or pause process is killed: the pod is made anew, and nothing of the old one stays.</summary>
public sealed class SandboxLossTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    private const string Spec = """
        shareProcessNamespace: true
        volumes: [{name: d, emptyDir: {}}]
        initContainers:
          - name: prepare
            image: podagent.local/busybox
            command: [sh, -c, echo prepared >> /d/runs]
            volumeMounts: [{name: d, mountPath: /d}]
        """;

    [Theory]
    [InlineData("pod-sandbox")]
    [InlineData("pause")]
    public async Task Process_Killed_PodIsMadeAnewWithItsVolumes(string victim)
    {
        string name = "loses-" + victim;
        await agent.ApplyAsync(PodYaml.Idle(name, "volumeMounts: [{name: d, mountPath: /d}]", Spec));
        Pod before = await agent.WaitUntilRunningAsync(name);
        int main = await agent.HostPidAsync(before, "c");
        int supervisor = Parent(main);
        Assert.Equal("pod-sandbox", Comm(supervisor));
        int pause = Children(supervisor).Single(child => Comm(child) == "pause");

        using (Process killed = Process.GetProcessById(victim == "pause" ? pause : supervisor))
        {
            killed.Kill();
        }

        Pod after = await agent.WaitForPodAsync(name, pod => pod.Status.Phase == "Running" && pod.Status.ContainerStatuses is [{ Ready: true } only]
            && only.ContainerID != before.Status.ContainerStatuses[0].ContainerID && pod.Status.InitContainerStatuses[0].ContainerID != before.Status.InitContainerStatuses[0].ContainerID);

        Assert.Equal(before.Metadata.Uid, after.Metadata.Uid);
        Assert.False(Lives(main));
        Assert.Equal("prepared\nprepared\n", (await agent.PodctlAsync("exec", name, "--", "cat", "/d/runs")).Succeeded());
        Assert.Equal(1u, (await ReadySandboxAsync(after)).Metadata.Attempt);
        await agent.WaitForEventAsync(e => e.InvolvedObject.Name == name && e.Reason == "SandboxChanged");

        (await agent.PodctlAsync("delete", "pod", name)).Succeeded();
        Assert.False(Lives(supervisor));
        Assert.False(Lives(pause));
        Assert.Empty(Traces.Processes(agent));
        Assert.Empty(Traces.SupervisorSockets(agent));
        ListPodSandboxResponse sandboxes = await agent.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest());
        Assert.DoesNotContain(sandboxes.Items, sandbox => sandbox.Metadata.Name == name);
        Assert.DoesNotContain(await File.ReadAllLinesAsync("/proc/self/mountinfo"), line => line.Contains(agent.State, StringComparison.Ordinal) || line.Contains(before.Metadata.Uid, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Supervisor_KilledWhileTheAgentIsAway_PodIsMadeAnew()
    {
        await agent.ApplyAsync(PodYaml.Idle("both"));
        Pod before = await agent.WaitUntilRunningAsync("both");
        int main = await agent.HostPidAsync(before, "c");
        using Process supervisor = Process.GetProcessById(Parent(main));

        await agent.KillAgentAsync();
        supervisor.Kill();
        await supervisor.WaitForExitAsync();
        await agent.StartAgentAsync();
        Pod after = await agent.WaitForPodAsync("both", pod => pod.Status.ContainerStatuses is [{ Ready: true } only] && only.ContainerID != before.Status.ContainerStatuses[0].ContainerID);

        Assert.Equal(1u, (await ReadySandboxAsync(after)).Metadata.Attempt);
        (await agent.PodctlAsync("delete", "pod", "both")).Succeeded();
        Assert.Empty(Traces.Processes(agent));
        Assert.Empty(Traces.SupervisorSockets(agent));
    }

    private async Task<PodSandbox> ReadySandboxAsync(Pod pod)
    {
        ListPodSandboxResponse sandboxes = await agent.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest());
        return Assert.Single(sandboxes.Items, sandbox => sandbox.Metadata.Uid == pod.Metadata.Uid && sandbox.State == PodSandboxState.SandboxReady);
    }

    private static int Parent(int pid) =>
        int.Parse(File.ReadAllLines($"/proc/{pid}/status").Single(line => line.StartsWith("PPid:", StringComparison.Ordinal))["PPid:".Length..], System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<int> Children(int pid) =>
        File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture));

    private static bool Lives(int pid) => Traces.HasMemory(pid);

    private static string Comm(int pid) => File.ReadAllText($"/proc/{pid}/comm").TrimEnd('\n');
}
