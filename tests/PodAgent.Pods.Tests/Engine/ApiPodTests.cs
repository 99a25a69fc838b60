using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Pods.Tests.Fakes;

namespace PodAgent.Pods.Tests.Engine;

/// <summary>Pods of the API from their first to their last moment, over the whole engine.</summary>
public class ApiPodTests
{
    private const string Simple = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {app: web}}
        spec:
          containers:
          - {name: app, image: "app:1"}
        """;

    [Fact]
    public async Task ApplyPod_NewPod_RunsAndBecomesReady()
    {
        await using Node node = await Node.StartAsync();

        ApplyPodResponse response = await node.Client.ApplyPodAsync(new ApplyPodRequest { Pod = Node.Parse(Simple) });
        Core.Pod pod = await node.WaitForReadyAsync("web");

        Assert.Equal(ApplyPodResponse.Types.Outcome.Created, response.Outcome);
        Assert.Equal("Running", pod.Status.Phase);
        Assert.Equal("BestEffort", pod.Status.QosClass);
        Assert.Equal("192.0.2.1", pod.Status.HostIP);
        Assert.Equal("10.88.0.1", pod.Status.PodIP);
        Core.ContainerStatus status = pod.Status.ContainerStatuses.Single();
        Assert.True(status.Ready);
        Assert.True(status.Started);
        Assert.Equal(0, status.RestartCount);
        Assert.Equal("app:1", status.Image);
        Assert.Equal("podagent://" + node.Runtime.Container("app").Id, status.ContainerID);
        Assert.Equal(
            ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"],
            pod.Status.Conditions.Where(c => c.Status == "True").Select(c => c.Type));
    }

    [Fact]
    public async Task ApplyPod_NewPod_RecordsTheKubeletsEvents()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");

        ListEventsResponse events = await node.Client.ListEventsAsync(new ListEventsRequest { Namespace = "default", Pod = "web" });

        Assert.Equal(
            [
                ("Pulled", "Container image \"app:1\" already present on machine"),
                ("Created", "Created container: app"),
                ("Started", "Started container app"),
            ],
            events.Events.Select(e => (e.Reason, e.Message)));
    }

    [Fact]
    public async Task ApplyPod_SameTwice_IsUnchanged()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);

        ApplyPodResponse again = await node.Client.ApplyPodAsync(new ApplyPodRequest { Pod = Node.Parse(Simple) });

        Assert.Equal(ApplyPodResponse.Types.Outcome.Unchanged, again.Outcome);
    }

    [Fact]
    public async Task ApplyPod_CreateOnlyOfExisting_IsAlreadyExists()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);

        RpcException e = await Assert.ThrowsAsync<RpcException>(() => node.ApplyAsync(Simple, createOnly: true));

        Assert.Equal(StatusCode.AlreadyExists, e.StatusCode);
        Assert.Equal("pods \"web\" already exists", e.Status.Detail);
    }

    [Fact]
    public async Task ApplyPod_OtherImage_ReplacesTheContainerInPlace()
    {
        await using Node node = await Node.StartAsync();
        Core.Pod first = await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");

        ApplyPodResponse response = await node.Client.ApplyPodAsync(new ApplyPodRequest { Pod = Node.Parse(Simple.Replace("app:1", "app:2")) });
        Core.Pod pod = await node.WaitForAsync("web", p => p.Status.ContainerStatuses[0].Image == "app:2" && Node.IsReady(p), "the new image");

        Assert.Equal(ApplyPodResponse.Types.Outcome.Configured, response.Outcome);
        Assert.Equal(first.Metadata.Uid, pod.Metadata.Uid);
        Assert.Equal(2, pod.Metadata.Generation);
        Assert.Equal(1, pod.Status.ContainerStatuses[0].RestartCount);
        Assert.Single(node.Runtime.Sandboxes);
        Assert.Contains(
            node.Engine.Services.Events.List("", "web"), e => e.Reason == "Killing" && e.Message == "Container app definition changed, will be restarted");
    }

    [Fact]
    public async Task ApplyPod_OtherCommand_IsForbidden()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);

        RpcException e = await Assert.ThrowsAsync<RpcException>(() => node.ApplyAsync(Simple.Replace("image:", "command: [x], image:")));

        Assert.Equal(StatusCode.InvalidArgument, e.StatusCode);
        Assert.Contains("Forbidden", e.Status.Detail);
    }

    [Fact]
    public async Task ApplyPod_ManyMistakes_ReportsAllAtOnce()
    {
        await using Node node = await Node.StartAsync();

        RpcException e = await Assert.ThrowsAsync<RpcException>(() => node.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: Web}
            spec:
              containers: [{name: app}]
              volumes: [{name: data, nfs: {server: a, path: /b}}]
            """));

        Assert.Equal(StatusCode.InvalidArgument, e.StatusCode);
        Assert.Contains("metadata.name: Invalid value", e.Status.Detail);
        Assert.Contains("spec.containers[0].image: Required value", e.Status.Detail);
        Assert.Contains("spec.volumes[0]: volume source nfs is not supported by this version", e.Status.Detail);
    }

    [Fact]
    public async Task ApplyPod_DryRun_ChangesNothing()
    {
        await using Node node = await Node.StartAsync();

        ApplyPodResponse response = await node.Client.ApplyPodAsync(new ApplyPodRequest { Pod = Node.Parse(Simple), DryRun = true });

        Assert.Equal(ApplyPodResponse.Types.Outcome.Created, response.Outcome);
        Assert.Empty((await node.Client.ListPodsAsync(new ListPodsRequest())).Pods);
        Assert.Empty(node.Runtime.Calls);
    }

    [Fact]
    public async Task DeletePod_WithWait_LeavesNothing()
    {
        await using Node node = await Node.StartAsync();
        Core.Pod pod = await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");

        DeletePodResponse response = await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web", Wait = true });

        Assert.NotNull(response.Pod.Metadata.DeletionTimestamp);
        Assert.Equal(30, response.Pod.Metadata.DeletionGracePeriodSeconds);
        Assert.Empty(node.Runtime.Containers);
        Assert.Empty(node.Runtime.Sandboxes);
        Assert.Contains("StopContainer app 30", node.Runtime.Calls);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.Directory, "lib", "pods")));
        Assert.False(Directory.Exists(node.Engine.Services.Directories.FilesOf(pod.Metadata.Uid)));
        Assert.False(Directory.Exists(node.Engine.Services.Directories.LogsOf(pod)));
        RpcException e = await Assert.ThrowsAsync<RpcException>(async () => await node.Client.GetPodAsync(new GetPodRequest { Name = "web" }));
        Assert.Equal(StatusCode.NotFound, e.StatusCode);
    }

    [Fact]
    public async Task DeletePod_GraceZero_KillsAtOnce()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");

        await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web", GracePeriodSeconds = 0, Wait = true });

        Assert.Contains("StopContainer app 0", node.Runtime.Calls);
    }

    [Fact]
    public async Task DeletePod_SecondWithShorterGrace_StopsAgainWithLess()
    {
        await using Node node = await Node.StartAsync();
        TaskCompletionSource stopping = new();
        node.Runtime.OnStop = async (_, timeout, ct) =>
        {
            if (timeout > 5)
            {
                stopping.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            }
        };
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");

        await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web" });
        await stopping.Task.WaitAsync(Node.Patience);
        await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web", GracePeriodSeconds = 3, Wait = true });

        Assert.Equal(["StopContainer app 30", "StopContainer app 3"], node.Runtime.Calls.Where(c => c.StartsWith("StopContainer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task DeletePod_WhileItsSandboxIsBeingMade_LeavesNothing()
    {
        await using Node node = await Node.StartAsync();
        TaskCompletionSource gate = new();
        node.Runtime.SandboxGate = gate.Task;
        await node.ApplyAsync(Simple);
        await Eventually.TrueAsync(() => node.Runtime.Calls.Contains("RunPodSandbox web/0"));

        Task deleted = node.Client.DeletePodAsync(new DeletePodRequest { Name = "web", Wait = true }).ResponseAsync;
        await node.WaitForAsync("web", p => p.Metadata.DeletionTimestamp is not null);
        gate.SetResult();
        await deleted.WaitAsync(Node.Patience);

        Assert.Empty(node.Runtime.Sandboxes);
        Assert.Empty(node.Runtime.Containers);
    }

    [Fact]
    public async Task DeletePod_WrongUid_IsRefused()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);

        RpcException e = await Assert.ThrowsAsync<RpcException>(async () => await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web", Uid = "other" }));

        Assert.Equal(StatusCode.FailedPrecondition, e.StatusCode);
    }

    [Fact]
    public async Task ApplyPod_WhileBeingDeleted_IsAlreadyExists()
    {
        await using Node node = await Node.StartAsync();
        node.Runtime.OnStop = (_, _, ct) => Task.Delay(Timeout.InfiniteTimeSpan, ct);
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");
        await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web" });

        RpcException e = await Assert.ThrowsAsync<RpcException>(() => node.ApplyAsync(Simple));

        Assert.Equal(StatusCode.AlreadyExists, e.StatusCode);
    }

    [Fact]
    public async Task WatchPods_FromTheStart_SendsExistingBookmarkAndChanges()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");
        using AsyncServerStreamingCall<PodWatchEvent> watch = node.Client.WatchPods(new ListPodsRequest { LabelSelector = "app in (web, db)" });

        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(PodWatchEvent.Types.Type.Added, watch.ResponseStream.Current.Type);
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(PodWatchEvent.Types.Type.Bookmark, watch.ResponseStream.Current.Type);
        await node.ApplyAsync(Simple.Replace("name: web", "name: db").Replace("app: web", "app: db"));
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal((PodWatchEvent.Types.Type.Added, "db"), (watch.ResponseStream.Current.Type, watch.ResponseStream.Current.Pod.Metadata.Name));
        await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web", Wait = true });
        while (watch.ResponseStream.Current.Type != PodWatchEvent.Types.Type.Deleted)
        {
            Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        }

        Assert.Equal("web", watch.ResponseStream.Current.Pod.Metadata.Name);
    }

    [Fact]
    public async Task ApplyPod_FieldsWithoutEffect_AreWarnedAbout()
    {
        await using Node node = await Node.StartAsync();

        ApplyPodResponse response = await node.Client.ApplyPodAsync(
            new ApplyPodRequest { Pod = Node.Parse(Simple.Replace("spec:", "spec:\n  nodeSelector: {disk: ssd}")) });

        Assert.Equal(["spec.nodeSelector has no effect: pods of this agent are not scheduled"], response.Warnings);
    }
}
