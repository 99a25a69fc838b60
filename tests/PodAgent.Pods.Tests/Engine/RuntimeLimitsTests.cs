using PodAgent.Pods.Tests.Fakes;

namespace PodAgent.Pods.Tests.Engine;

/// <summary>What the engine does about a runtime that hangs, and about containers that write too much.</summary>
public class RuntimeLimitsTests
{
    private const string Simple = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web}
        spec:
          containers: [{name: app, image: "app:1"}]
        """;

    [Fact]
    public async Task Sandbox_RuntimeHangs_IsGivenUpWithAnEventAndTriedAgain()
    {
        await using Node node = await Node.StartAsync();
        TaskCompletionSource hung = new();
        node.Runtime.SandboxGate = hung.Task;
        await node.ApplyAsync(Simple);
        await Eventually.TrueAsync(() => node.Runtime.Calls.Contains("RunPodSandbox web/0"));

        node.Runtime.SandboxGate = Task.CompletedTask;
        Task<Core.Event> told = node.WaitForEventAsync("web", e => e.Reason == "FailedCreatePodSandBox");
        while (!told.IsCompleted)
        {
            node.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.WhenAny(told, Task.Delay(20));
        }

        Assert.Equal("Failed to create pod sandbox: the runtime has not answered RunPodSandbox within 4m0s", (await told).Message);
        await Eventually.AdvanceAsync(node, TimeSpan.FromSeconds(1), Node.IsReady);
        hung.SetResult();
    }

    [Fact]
    public async Task Deletion_WhileARuntimeCallHangs_GoesOnAfterItsTime()
    {
        await using Node node = await Node.StartAsync();
        TaskCompletionSource hung = new();
        node.Runtime.SandboxGate = hung.Task;
        await node.ApplyAsync(Simple);
        await Eventually.TrueAsync(() => node.Runtime.Calls.Contains("RunPodSandbox web/0"));

        Task gone = node.Client.DeletePodAsync(new Api.V1.DeletePodRequest { Name = "web", Wait = true }).ResponseAsync;
        while (!gone.IsCompleted)
        {
            node.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.WhenAny(gone, Task.Delay(20));
        }

        await gone;
        hung.SetResult();
    }

    [Fact]
    public async Task Log_GrownTooLarge_IsPutAsideAndReopened()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Simple);
        await node.WaitForReadyAsync("web");
        FakeContainer container = node.Runtime.Container("app");
        Directory.CreateDirectory(Path.GetDirectoryName(container.LogPath)!);
        await File.WriteAllBytesAsync(container.LogPath, new byte[(10 << 20) + 1]);

        for (int i = 0; i < 500 && !node.Runtime.Calls.Contains("ReopenContainerLog app"); i++)
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }

        Assert.Contains("ReopenContainerLog app", node.Runtime.Calls);
        Assert.Single(Directory.EnumerateFiles(Path.GetDirectoryName(container.LogPath)!), file => file.StartsWith(container.LogPath + ".", StringComparison.Ordinal));
    }
}
