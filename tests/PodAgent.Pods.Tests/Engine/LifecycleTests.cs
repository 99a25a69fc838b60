using PodAgent.Api.V1;
using PodAgent.Pods.Tests.Fakes;

namespace PodAgent.Pods.Tests.Engine;

/// <summary>Hooks, probes, images, volumes and configuration over the whole engine.</summary>
public class LifecycleTests
{
    private static string Pod(string container, string more = "") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {tier: front} }
        spec:
          {{more}}
          containers:
          - {name: app, image: "app:1", {{container}} }
        """;

    [Fact]
    public async Task PreStop_TakesPartOfTheGrace_SignalGetsTheRest()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.OnExec = (_, _, _) =>
        {
            node.Time.Advance(TimeSpan.FromSeconds(12));
            return Task.FromResult((0, ""));
        };
        await node.ApplyAsync(Pod("lifecycle: {preStop: {exec: {command: [drain]}}}"));
        await node.WaitForReadyAsync("web");

        await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web", Wait = true });

        Assert.Equal(["ExecSync app drain", "StopContainer app 18"], node.Runtime.Calls.Where(c => c.StartsWith("Exec", StringComparison.Ordinal) || c.StartsWith("StopC", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task PreStop_LongerThanTheGrace_SignalGetsTwoSeconds()
    {
        await using Node node = await Node.StartAsync();
        TaskCompletionSource inHook = new();
        node.Runtime.OnExec = async (_, _, ct) =>
        {
            inHook.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return (0, "");
        };
        await node.ApplyAsync(Pod("lifecycle: {preStop: {exec: {command: [drain]}}}"));
        await node.WaitForReadyAsync("web");

        Task deleted = node.Client.DeletePodAsync(new DeletePodRequest { Name = "web", Wait = true }).ResponseAsync;
        await inHook.Task.WaitAsync(Node.Patience);
        node.Time.Advance(TimeSpan.FromSeconds(30));
        await deleted.WaitAsync(Node.Patience);

        Assert.Contains("StopContainer app 2", node.Runtime.Calls);
        Assert.Contains(node.Engine.Services.Events.List("", "web"), e => e.Reason == "FailedPreStopHook");
    }

    [Fact]
    public async Task PostStart_Fails_KillsTheContainerAndSaysWhy()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.OnExec = (_, _, _) => Task.FromResult((4, "no such thing"));
        await node.ApplyAsync(Pod("lifecycle: {postStart: {exec: {command: [warm, up]}}}"));

        Core.Event e = await node.WaitForEventAsync("web", e => e.Reason == "FailedPostStartHook");

        Assert.Equal("PostStartHook failed: command 'warm up' exited with 4: no such thing", e.Message);
        await node.WaitForEventAsync("web", e => e.Reason == "Killing");
    }

    [Fact]
    public async Task ReadinessProbe_Fails_PodIsNotReadyUntilItPasses()
    {
        await using Node node = await Node.StartAsync();
        int exitCode = 1;
        node.Runtime.OnExec = (_, _, _) => Task.FromResult((Volatile.Read(ref exitCode), "not yet"));
        await node.ApplyAsync(Pod("readinessProbe: {exec: {command: [check]}, periodSeconds: 5}"));
        Core.Event e = await node.WaitForEventAsync("web", e => e.Reason == "Unhealthy");
        Assert.Equal("Readiness probe failed: not yet", e.Message);
        Core.Pod pod = await node.WaitForPhaseAsync("web", "Running");
        Assert.False(pod.Status.ContainerStatuses[0].Ready);
        Assert.True(pod.Status.ContainerStatuses[0].Started);
        Assert.Equal("containers with unready status: [app]", pod.Status.Conditions.Single(c => c.Type == "Ready").Message);

        Volatile.Write(ref exitCode, 0);
        await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(5), Node.IsReady);

        Volatile.Write(ref exitCode, 1);
        await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(5), p => !Node.IsReady(p));
        Assert.Equal(0, node.Engine.Registry.List()[0].Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    public async Task LivenessProbe_FailsThreeTimes_ContainerIsRestarted()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.OnExec = (c, _, _) => Task.FromResult((c.Config.Metadata.Attempt == 0 ? 1 : 0, "dead"));
        await node.ApplyAsync(Pod("livenessProbe: {exec: {command: [check]}, periodSeconds: 1}"));
        await node.WaitForReadyAsync("web");

        Core.Pod pod = await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(1), p => p.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });

        Assert.Contains(node.Engine.Services.Events.List("", "web"), e => e.Reason == "Killing" && e.Message == "Container app failed liveness probe, will be restarted");
        Assert.Equal(3, node.Engine.Services.Events.List("", "web").Single(e => e.Reason == "Unhealthy").Count);
        Assert.Equal(1, pod.Status.ContainerStatuses[0].RestartCount);
    }

    [Theory]
    [InlineData("livenessProbe: {exec: {command: [check]}, failureThreshold: 1, terminationGracePeriodSeconds: 3}", 3)]
    [InlineData("startupProbe: {exec: {command: [check]}, failureThreshold: 1, terminationGracePeriodSeconds: 4}", 4)]
    [InlineData("livenessProbe: {exec: {command: [check]}, failureThreshold: 1}", 30)]
    public async Task FailedProbe_WithAGracePeriodOfItsOwn_IsStoppedWithIt(string probe, int seconds)
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.OnExec = (c, _, _) => Task.FromResult((c.Config.Metadata.Attempt == 0 ? 1 : 0, "dead"));
        await node.ApplyAsync(Pod(probe));

        await node.WaitForAsync("web", p => p.Status?.ContainerStatuses.FirstOrDefault() is { RestartCount: 1 });

        Assert.Contains($"StopContainer app {seconds}", node.Runtime.Calls);
    }

    [Fact]
    public async Task StartupProbe_HoldsReadinessUntilItPasses()
    {
        await using Node node = await Node.StartAsync();
        int exitCode = 1;
        node.Runtime.OnExec = (_, cmd, _) => Task.FromResult((cmd[0] == "boot" ? Volatile.Read(ref exitCode) : 0, ""));
        await node.ApplyAsync(Pod("startupProbe: {exec: {command: [boot]}, failureThreshold: 30}, readinessProbe: {exec: {command: [ready]}}"));
        await node.WaitForEventAsync("web", e => e.Reason == "Unhealthy");
        Assert.False(node.Engine.Registry.List()[0].Status.ContainerStatuses[0].Started);
        Assert.DoesNotContain("ExecSync app ready", node.Runtime.Calls);

        Volatile.Write(ref exitCode, 0);
        await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(10), Node.IsReady);
    }

    [Fact]
    public async Task ReadinessProbe_OverAnAgentRestart_DoesNotFlip()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.OnExec = (_, _, _) => Task.FromResult((0, ""));
        await node.ApplyAsync(Pod("readinessProbe: {exec: {command: [check]}}"));
        await node.WaitForReadyAsync("web");

        node.Runtime.OnExec = async (_, _, ct) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return (0, "");
        };
        await node.RestartAsync();
        await Eventually.TrueAsync(() => node.Runtime.Calls.Count(c => c == "ExecSync app check") >= 2);

        Assert.True(Node.IsReady(node.Engine.Registry.List()[0]));
    }

    [Fact]
    public async Task Image_PolicyNever_NotPresent_Waits()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("imagePullPolicy: Never").Replace("app:1", "gone:1"));

        Core.Pod pod = await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0].State.Waiting?.Reason == "ErrImageNeverPull");

        Assert.Equal("Container image \"gone:1\" is not present with pull policy of Never", pod.Status.ContainerStatuses[0].State.Waiting.Message);
        Assert.Equal("Pending", pod.Status.Phase);
        Assert.Equal(0, node.Images.Pulls);
    }

    [Fact]
    public async Task Image_PullFails_BacksOff()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("imagePullPolicy: IfNotPresent").Replace("app:1", "gone:1"));
        await node.WaitForEventAsync("web", e => e.Message == "Failed to pull image \"gone:1\": no such image");

        Core.Pod pod = await Eventually.AdvanceAsync(
            node, TimeSpan.FromSeconds(1), p => p.Status.ContainerStatuses[0].State.Waiting?.Reason == "ImagePullBackOff");

        Assert.Equal("Back-off pulling image \"gone:1\": ErrImagePull: no such image", pod.Status.ContainerStatuses[0].State.Waiting.Message);
        Assert.Equal(1, node.Images.Pulls);
        node.Images.OnPull = (_, _) => Task.FromResult<string?>(null);
        await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(10), Node.IsReady);
        Assert.Contains(node.Engine.Services.Events.List("", "web"), e => e.Message.StartsWith("Successfully pulled image \"gone:1\" in", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Image_SlowPull_DoesNotHoldTheOtherContainer()
    {
        await using Node node = await Node.StartAsync();
        TaskCompletionSource<string?> pulled = new();
        node.Images.OnPull = (_, _) => pulled.Task;
        await node.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              containers: [{name: slow, image: "slow:1"}, {name: app, image: "app:1"}]
            """);
        await node.WaitForAsync("web", p => p.Status.ContainerStatuses[1].State.Running is not null);

        pulled.SetResult(null);

        await node.WaitForReadyAsync("web");
    }

    [Fact]
    public async Task HostPath_OfWrongType_WaitsAndIsTriedAgain()
    {
        await using Node node = await Node.StartAsync();
        string path = Path.Combine(node.Directory, "data");
        File.WriteAllText(path, "");
        await node.ApplyAsync(Pod(
            "volumeMounts: [{name: data, mountPath: /data}]", $"volumes: [{{name: data, hostPath: {{path: {path}, type: Directory}}}}]"));

        Core.Event e = await node.WaitForEventAsync("web", e => e.Reason == "FailedMount");
        Assert.Equal($"MountVolume.SetUp failed for volume \"data\" : hostPath type check failed: {path} is not a directory", e.Message);
        Core.Pod pod = node.Engine.Registry.List()[0];
        Assert.Equal(("Pending", "ContainerCreating"), (pod.Status.Phase, pod.Status.ContainerStatuses[0].State.Waiting.Reason));
        Assert.Empty(node.Runtime.Sandboxes);

        File.Delete(path);
        Directory.CreateDirectory(path);
        await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(1), Node.IsReady);
        Assert.Equal(path, node.Runtime.Container("app").MountOf("/data"));
    }

    [Fact]
    public async Task EmptyDir_LivesAsLongAsThePod()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("volumeMounts: [{name: data, mountPath: /data}]", "volumes: [{name: data, emptyDir: {}}]"));
        await node.WaitForReadyAsync("web");
        string path = node.Runtime.Container("app").MountOf("/data");
        File.WriteAllText(Path.Combine(path, "kept"), "x");

        node.Runtime.Exit(node.Runtime.Container("app"), 1);
        await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });
        Assert.True(File.Exists(Path.Combine(path, "kept")));

        await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web", Wait = true });
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.Directory, "lib", "volumes")));
    }

    [Fact]
    public async Task RunAsNonRoot_ImageOfRoot_IsAConfigError()
    {
        await using Node node = await Node.StartAsync();
        Core.Pod created = await node.ApplyAsync(Pod("securityContext: {runAsNonRoot: true}"));

        Core.Pod pod = await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0].State.Waiting?.Reason == "CreateContainerConfigError");

        Assert.Equal(
            $"container has runAsNonRoot and image will run as root (pod: \"web_default({created.Metadata.Uid})\", container: app)",
            pod.Status.ContainerStatuses[0].State.Waiting.Message);
    }

    [Fact]
    public async Task ConfigMapKey_Missing_IsAConfigError()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: a}}}]"));

        Core.Pod pod = await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0].State.Waiting?.Reason == "CreateContainerConfigError");

        Assert.StartsWith("configmap \"settings\" not found", pod.Status.ContainerStatuses[0].State.Waiting.Message);
    }

    [Fact]
    public async Task Environment_FieldsAndReferences_AreExpanded()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("""
            command: [run, "--name=$(NAME)", "$$(NAME)", "$(NOBODY)"],
            env: [{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}},
              {name: TIER, valueFrom: {fieldRef: {fieldPath: "metadata.labels['tier']"}}}, {name: BOTH, value: "$(NAME)@$(IP)"},
              {name: MEM, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}],
            resources: {limits: {memory: 64Mi}}
            """.Replace("\n", " ")));
        await node.WaitForReadyAsync("web");

        Cri.ContainerConfig config = node.Runtime.Container("app").Config;
        Assert.Equal(["run", "--name=web", "$(NAME)", "$(NOBODY)"], config.Command);
        Assert.Equal(
            ["NAME=web", "IP=10.88.0.1", "TIER=front", "BOTH=web@10.88.0.1", "MEM=64"],
            config.Envs.Select(e => $"{e.Key}={e.Value.ToStringUtf8()}"));
    }

    [Fact]
    public async Task Objects_OnTheRuntime_CarryTheKubeletsLabels()
    {
        await using Node node = await Node.StartAsync();
        Core.Pod pod = await node.ApplyAsync(Pod("resources: {requests: {cpu: 100m}}"));
        await node.WaitForReadyAsync("web");

        FakeSandbox sandbox = node.Runtime.Sandboxes.Single();
        FakeContainer container = node.Runtime.Container("app");
        Assert.Equal("front", sandbox.Config.Labels["tier"]);
        foreach (IDictionary<string, string> labels in new[] { sandbox.Config.Labels, container.Config.Labels })
        {
            Assert.Equal("web", labels["io.kubernetes.pod.name"]);
            Assert.Equal("default", labels["io.kubernetes.pod.namespace"]);
            Assert.Equal(pod.Metadata.Uid, labels["io.kubernetes.pod.uid"]);
        }

        Assert.Equal("app", container.Config.Labels["io.kubernetes.container.name"]);
        Assert.Equal("0", container.Config.Annotations["io.kubernetes.container.restartCount"]);
        Assert.Equal($"/podagent/burstable/pod{pod.Metadata.Uid}", sandbox.Config.Linux.CgroupParent);
        Assert.Equal(Path.Combine(node.Directory, "logs", $"default_web_{pod.Metadata.Uid}"), sandbox.Config.LogDirectory);
        Assert.Equal("app/0.log", container.Config.LogPath);
        Assert.Equal(102, container.Config.Linux.Resources.CpuShares);
        Assert.StartsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n", File.ReadAllText(container.MountOf("/etc/hosts")));
        Assert.Contains("\n10.88.0.1\tweb\n", File.ReadAllText(container.MountOf("/etc/hosts")));
    }

    [Fact]
    public async Task Hosts_FileThatAContainerMadeHuge_IsWrittenAnewWithoutReadingIt()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("command: [run]"));
        await node.WaitForReadyAsync("web");
        FakeContainer first = node.Runtime.Container("app");
        using (FileStream hosts = File.OpenWrite(first.MountOf("/etc/hosts")))
        {
            hosts.SetLength(8L << 30);
        }

        node.Runtime.Exit(first, 1);
        await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });

        Assert.InRange(new FileInfo(node.Runtime.Container("app").MountOf("/etc/hosts")).Length, 1, 4096);
    }

    [Fact]
    public async Task TerminationMessage_File_IsShown()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("terminationMessagePath: /out").Replace("spec:", "spec:\n  restartPolicy: Never"));
        await node.WaitForReadyAsync("web");
        FakeContainer container = node.Runtime.Container("app");

        File.WriteAllText(container.MountOf("/out"), "disk is full");
        node.Runtime.Exit(container, 2);

        Assert.Equal("disk is full", (await node.WaitForPhaseAsync("web", "Failed")).Status.ContainerStatuses[0].State.Terminated.Message);
    }

    [Fact]
    public async Task TerminationMessage_FallbackToLogs_IsTheEndOfTheLog()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("terminationMessagePolicy: FallbackToLogsOnError").Replace("spec:", "spec:\n  restartPolicy: Never"));
        await node.WaitForReadyAsync("web");
        FakeContainer container = node.Runtime.Container("app");
        Directory.CreateDirectory(Path.GetDirectoryName(container.LogPath)!);
        File.WriteAllText(container.LogPath, "2026-01-01T00:00:00.000000000Z stdout F one\n2026-01-01T00:00:00.000000001Z stderr P tw\n2026-01-01T00:00:00.000000001Z stderr F o\n");

        node.Runtime.Exit(container, 2);

        Assert.Equal("one\ntwo\n", (await node.WaitForPhaseAsync("web", "Failed")).Status.ContainerStatuses[0].State.Terminated.Message);
    }
}
