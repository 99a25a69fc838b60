using PodAgent.Api.V1;
using PodAgent.Pods.Tests.Fakes;

namespace PodAgent.Pods.Tests.Engine;

/// <summary>The agent goes and comes back while pods run.</summary>
public class AgentRestartTests
{
    private const string Simple = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web}
        spec:
          containers: [{name: app, image: "app:1"}]
        """;

    [Fact]
    public async Task Restart_RunningPods_AreTakenOver()
    {
        await using Node node = await Node.StartAsync(n => n.WriteManifest("file.yaml", Simple.Replace("name: web", "name: file")));
        await node.ApplyAsync(Simple);
        Core.Pod before = await node.WaitForReadyAsync("web");
        await node.WaitForReadyAsync("file");
        int calls = node.Runtime.Calls.Count;

        node.Time.Advance(TimeSpan.FromSeconds(30));
        await node.RestartAsync();
        Core.Pod after = await node.WaitForReadyAsync("web");
        await node.WaitForReadyAsync("file");

        Assert.Equal(before.Metadata.Uid, after.Metadata.Uid);
        Assert.Equal(before.Status.StartTime, after.Status.StartTime);
        Assert.Equal(
            before.Status.Conditions.Single(c => c.Type == "Ready").LastTransitionTime, after.Status.Conditions.Single(c => c.Type == "Ready").LastTransitionTime);
        Assert.Equal(calls, node.Runtime.Calls.Count);
    }

    [Fact]
    public async Task Restart_CrashedMeanwhile_KeepsTheRestartCount()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");
        node.Runtime.Exit(node.Runtime.Container("app"), 1);
        await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });

        await node.RestartAsync(() =>
        {
            node.Runtime.Exit(node.Runtime.Container("app"), 1);
            node.Time.Advance(TimeSpan.FromSeconds(10));
        });

        await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0] is { RestartCount: 2, Ready: true });
    }

    [Fact]
    public async Task Restart_DuringBackOff_GoesOnWithIt()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");
        node.Runtime.Exit(node.Runtime.Container("app"), 1);
        await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });
        node.Runtime.Exit(node.Runtime.Container("app"), 1);
        await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0].State.Waiting?.Reason == "CrashLoopBackOff");
        int calls = node.Runtime.Calls.Count;

        node.Time.Advance(TimeSpan.FromSeconds(5));
        await node.RestartAsync();
        Core.Pod pod = await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0].State.Waiting?.Reason == "CrashLoopBackOff");

        Assert.StartsWith("back-off 10s restarting failed", pod.Status.ContainerStatuses[0].State.Waiting.Message);
        Assert.Equal(calls, node.Runtime.Calls.Count);
        node.Time.Advance(TimeSpan.FromSeconds(5));
        await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0] is { RestartCount: 2, Ready: true });
    }

    [Fact]
    public async Task Restart_ManifestRemovedMeanwhile_EndsThePodGracefully()
    {
        await using Node node = await Node.StartAsync(n => n.WriteManifest(
            "web.yaml",
            Simple.Replace("spec:", "spec:\n  terminationGracePeriodSeconds: 7").Replace("image:", "lifecycle: {preStop: {exec: {command: [bye]}}}, image:")));
        await node.WaitForReadyAsync("web");

        await node.RestartAsync(() => File.Delete(Path.Combine(node.Manifests, "web.yaml")));
        await node.WaitForGoneAsync("web");

        Assert.Contains("ExecSync app bye", node.Runtime.Calls);
        Assert.Contains("StopContainer app 7", node.Runtime.Calls);
        Assert.Empty(node.Runtime.Sandboxes);
    }

    [Fact]
    public async Task Restart_ManifestChangedMeanwhile_ReplacesThePod()
    {
        await using Node node = await Node.StartAsync(n => n.WriteManifest("web.yaml", Simple));
        Core.Pod before = await node.WaitForReadyAsync("web");

        await node.RestartAsync(() => node.WriteManifest("web.yaml", Simple.Replace("app:1", "app:2")));
        Core.Pod after = await node.WaitForAsync("web", p => p.Metadata.Uid != before.Metadata.Uid && Node.IsReady(p));

        Assert.Equal("app:2", after.Status.ContainerStatuses[0].Image);
        Assert.Single(node.Runtime.Sandboxes);
    }

    [Fact]
    public async Task Restart_InTheMiddleOfADeletion_GoesOnWithIt()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.OnStop = (_, _, ct) => Task.Delay(Timeout.InfiniteTimeSpan, ct);
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");
        await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web" });

        await node.RestartAsync(() => node.Runtime.OnStop = null);
        await node.WaitForGoneAsync("web");

        Assert.Empty(node.Runtime.Containers);
    }

    [Fact]
    public async Task Restart_FinishedPodAfterAReboot_StaysFinished()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple.Replace("spec:", "spec:\n  restartPolicy: Never"));
        await node.WaitForReadyAsync("web");
        node.Runtime.Exit(node.Runtime.Container("app"), 0);
        await node.WaitForPhaseAsync("web", "Succeeded");
        await Eventually.TrueAsync(() => node.Engine.Registry.Workers[0].State.Work == PodAgent.Pods.Workers.PodPhaseWork.Terminated);
        string sandbox = node.Runtime.Sandboxes[0].Id;

        await node.RestartAsync(() =>
        {
            node.Runtime.RemovePodSandbox(new Cri.RemovePodSandboxRequest { PodSandboxId = sandbox }, null!).Wait();
            Directory.Delete(node.Options.State, recursive: true);
        });
        Core.Pod pod = await node.WaitForPhaseAsync("web", "Succeeded");

        Assert.Equal(0, pod.Status.ContainerStatuses[0].State.Terminated.ExitCode);
        Assert.Single(node.Runtime.Calls, c => c.StartsWith("RunPodSandbox", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Restart_ContainerCreatedAndNeverStarted_IsReplacedUnderItsNumber()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.OnExec = (_, _, ct) => Task.FromResult((0, ""));
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");

        await node.RestartAsync(() =>
        {
            FakeContainer container = node.Runtime.Container("app");
            container.State = Cri.ContainerState.ContainerCreated;
            container.StartedAt = null;
        });
        Core.Pod pod = await node.WaitForReadyAsync("web");

        Assert.Equal(0, pod.Status.ContainerStatuses[0].RestartCount);
        Assert.Single(node.Runtime.Containers);
    }

    [Fact]
    public async Task Restart_PodsOfOthers_AreLeftAlone()
    {
        await using Node node = await Node.StartAsync();
        Cri.RunPodSandboxRequest foreign = new() { Config = new Cri.PodSandboxConfig
        {
            Metadata = new Cri.PodSandboxMetadata { Name = "foreign", Namespace = "kube-system", Uid = "u" },
            Labels = { ["io.kubernetes.pod.uid"] = "u" },
            Linux = new Cri.LinuxPodSandboxConfig { SecurityContext = new Cri.LinuxSandboxSecurityContext { NamespaceOptions = new Cri.NamespaceOption() } },
        } };
        await node.Runtime.RunPodSandbox(foreign, null!);

        await node.RestartAsync();
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");

        Assert.True(node.Runtime.Sandboxes.Single(s => s.Config.Metadata.Name == "foreign").Ready);
        Assert.DoesNotContain("StopPodSandbox foreign", node.Runtime.Calls);
    }

    [Fact]
    public async Task Restart_Events_AreStillThere()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");

        await node.RestartAsync();

        Assert.Contains((await node.Client.ListEventsAsync(new ListEventsRequest { Pod = "web" })).Events, e => e.Reason == "Started");
    }
}
