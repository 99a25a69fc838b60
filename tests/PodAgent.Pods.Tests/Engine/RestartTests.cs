using PodAgent.Pods.Tests.Fakes;

namespace PodAgent.Pods.Tests.Engine;

/// <summary>Containers that end: restart policies, back-off, init containers, sidecars, sandboxes that die.</summary>
public class RestartTests
{
    private static string Pod(string policy, string more = "") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: web}
        spec:
          restartPolicy: {{policy}}
          {{more}}
          containers:
          - {name: app, image: "app:1"}
        """;

    [Theory]
    [InlineData("Never", 0, "Succeeded")]
    [InlineData("Never", 3, "Failed")]
    [InlineData("OnFailure", 0, "Succeeded")]
    public async Task ContainerExit_NotToBeRestarted_EndsThePod(string policy, int exitCode, string phase)
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod(policy));
        await node.WaitForReadyAsync("web");

        node.Runtime.Exit(node.Runtime.Container("app"), exitCode);
        Core.Pod pod = await node.WaitForPhaseAsync("web", phase);

        Assert.Equal(exitCode, pod.Status.ContainerStatuses[0].State.Terminated.ExitCode);
        Assert.Equal(exitCode == 0 ? "PodCompleted" : "PodFailed", pod.Status.Conditions.Single(c => c.Type == "ContainersReady").Reason);
    }

    [Fact]
    public async Task ContainerExit_AgainAndAgain_BacksOffAsTheKubelet()
    {
        await using Node node = await Node.StartAsync();
        Core.Pod created = await node.ApplyAsync(Pod("Always"));
        await node.WaitForReadyAsync("web");

        // The first restart is free.
        node.Runtime.Exit(node.Runtime.Container("app"), 1);
        await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });

        foreach ((int restarts, string text, int seconds) in new[] { (2, "10s", 10), (3, "20s", 20), (4, "40s", 40) })
        {
            node.Runtime.Exit(node.Runtime.Container("app"), 1);
            Core.Pod waiting = await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0].State.Waiting?.Reason == "CrashLoopBackOff", "back-off");
            Assert.Equal(
                $"back-off {text} restarting failed container=app pod=web_default({created.Metadata.Uid})", waiting.Status.ContainerStatuses[0].State.Waiting.Message);
            Assert.Equal(1, waiting.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
            Assert.Equal("Running", waiting.Status.Phase);

            node.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
            Assert.Equal(restarts - 1, node.Engine.Registry.List()[0].Status.ContainerStatuses[0].RestartCount);
            node.Time.Advance(TimeSpan.FromSeconds(1));
            await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0] is { Ready: true } s && s.RestartCount == restarts, $"restart {restarts}");
        }

        // One dead attempt is kept for --previous, not more.
        await Eventually.TrueAsync(() => node.Runtime.Containers.Count == 2);
    }

    [Fact]
    public async Task InitContainers_InOrder_HoldTheOthersUntilDone()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("Always", """initContainers: [{name: one, image: "app:1"}, {name: two, image: "app:1"}]"""));

        Core.Pod pod = await node.WaitForAsync("web", p => p.Status.InitContainerStatuses.Count > 0 && p.Status.InitContainerStatuses[0].State.Running is not null);
        Assert.Equal("Pending", pod.Status.Phase);
        Assert.Equal("PodInitializing", pod.Status.ContainerStatuses[0].State.Waiting.Reason);
        Assert.Equal("containers with incomplete status: [one two]", pod.Status.Conditions.Single(c => c.Type == "Initialized").Message);

        node.Runtime.Exit(node.Runtime.Container("one"), 0);
        await node.WaitForAsync("web", p => p.Status.InitContainerStatuses[1].State.Running is not null);
        Assert.Null(node.Runtime.Container("app"));

        node.Runtime.Exit(node.Runtime.Container("two"), 0);
        pod = await node.WaitForReadyAsync("web");
        Assert.All(pod.Status.InitContainerStatuses, s => Assert.True(s.Ready));
        Assert.Equal(
            ["StartContainer one", "StartContainer two", "StartContainer app"],
            node.Runtime.Calls.Where(c => c.StartsWith("StartContainer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task InitContainer_FailsUnderNever_FailsThePod()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.OnStart = c => node.Runtime.Exit(c, 7);
        await node.ApplyAsync(Pod("Never", """initContainers: [{name: one, image: "app:1"}]"""));

        Core.Pod pod = await node.WaitForPhaseAsync("web", "Failed");

        Assert.Equal(7, pod.Status.InitContainerStatuses[0].State.Terminated.ExitCode);
        Assert.Null(node.Runtime.Container("app"));
    }

    [Fact]
    public async Task Sidecar_StartsFirst_StopsLastAndDoesNotHoldTheEnd()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod(
            "Never", """initContainers: [{name: s1, image: "app:1", restartPolicy: Always}, {name: s2, image: "app:1", restartPolicy: Always}]"""));
        await node.WaitForReadyAsync("web");
        Assert.Equal(
            ["StartContainer s1", "StartContainer s2", "StartContainer app"],
            node.Runtime.Calls.Where(c => c.StartsWith("StartContainer", StringComparison.Ordinal)));

        node.Runtime.Exit(node.Runtime.Container("app"), 0);
        await node.WaitForPhaseAsync("web", "Succeeded");
        await node.WaitForAsync("web", p => p.Status.InitContainerStatuses.All(s => s.State.Terminated is not null), "sidecars' end");

        Assert.Equal(
            ["StopContainer s2", "StopContainer s1"],
            node.Runtime.Calls.Where(c => c.StartsWith("StopContainer", StringComparison.Ordinal)).Select(c => c[..^3]));
    }

    [Fact]
    public async Task SandboxDies_PodRunsAgainWithInitContainersInANewOne()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.OnStart = c =>
        {
            if (c.Config.Metadata.Name == "one")
            {
                node.Runtime.Exit(c, 0);
            }
        };
        await node.ApplyAsync(Pod("Always", """initContainers: [{name: one, image: "app:1"}]"""));
        await node.WaitForReadyAsync("web");
        string first = node.Runtime.Sandboxes.Single().Id;

        node.Runtime.KillSandbox(node.Runtime.Sandboxes.Single());
        await node.WaitForAsync("web", p => Node.IsReady(p) && p.Status.ContainerStatuses[0].RestartCount == 1, "the second sandbox");

        FakeSandbox second = node.Runtime.Sandboxes.Single(s => s.Ready);
        Assert.NotEqual(first, second.Id);
        Assert.Equal(1u, second.Config.Metadata.Attempt);
        Assert.Equal(2, node.Runtime.Calls.Count(c => c == "StartContainer one"));
        await node.WaitForEventAsync("web", e => e.Reason == "SandboxChanged" || e.Reason == "Created");
    }

    [Fact]
    public async Task SandboxFails_IsTriedAgain()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.FailSandbox = _ => "no address left";
        await node.ApplyAsync(Pod("Always"));
        await node.WaitForEventAsync("web", e => e.Reason == "FailedCreatePodSandBox" && e.Message == "Failed to create pod sandbox: no address left");
        Assert.Equal("ContainerCreating", node.Engine.Registry.List()[0].Status.ContainerStatuses[0].State.Waiting.Reason);

        node.Runtime.FailSandbox = null;
        await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(1), Node.IsReady);
    }

    [Fact]
    public async Task StartFails_ShowsTheReasonAndCountsTheAttempt()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.FailStart = _ => "exec: \"/nope\": no such file or directory";
        await node.ApplyAsync(Pod("Always"));

        Core.Pod pod = await node.WaitForAsync(
            "web", p => p.Status.ContainerStatuses[0].State.Waiting?.Reason is "RunContainerError" or "CrashLoopBackOff" && p.Status.ContainerStatuses[0].LastState.Terminated is not null);

        Assert.Equal("StartError", pod.Status.ContainerStatuses[0].LastState.Terminated.Reason);
        Assert.Equal(128, pod.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
    }

    [Fact]
    public async Task CreateFails_ShowsCreateContainerErrorAndIsTriedAgain()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.FailCreate = _ => "no space left";
        await node.ApplyAsync(Pod("Always"));
        Core.Pod pod = await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0].State.Waiting?.Reason == "CreateContainerError");
        Assert.Equal("no space left", pod.Status.ContainerStatuses[0].State.Waiting.Message);

        node.Runtime.FailCreate = null;
        await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(10), Node.IsReady);
        Assert.Equal(0, node.Engine.Registry.List()[0].Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    public async Task ActiveDeadline_Passed_FailsThePod()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("Always", "activeDeadlineSeconds: 60"));
        await node.WaitForReadyAsync("web");

        node.Time.Advance(TimeSpan.FromSeconds(61));
        Core.Pod pod = await node.WaitForPhaseAsync("web", "Failed");

        Assert.Equal("DeadlineExceeded", pod.Status.Reason);
    }

    [Fact]
    public async Task LostEvents_AreMadeUpForByResync()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("Never"));
        await node.WaitForReadyAsync("web");
        FakeContainer container = node.Runtime.Container("app");
        container.ExitCode = 0;
        container.FinishedAt = node.Time.GetUtcNow();
        container.State = Cri.ContainerState.ContainerExited;

        await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(90), p => p.Status.Phase == "Succeeded");
    }

    [Fact]
    public async Task EventStreamBreaks_IsConnectedAgain()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("Never"));
        await node.WaitForReadyAsync("web");

        node.Runtime.BreakEvents();
        node.Runtime.Exit(node.Runtime.Container("app"), 0);

        await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(2), p => p.Status.Phase == "Succeeded");
    }
}
