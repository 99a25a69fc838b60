using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Pods.Tests.Fakes;

namespace PodAgent.Pods.Tests.Engine;

/// <summary>Pods from files, with the real inotify.</summary>
public class ManifestTests
{
    private static string Pod(string name, string image = "app:1") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}}
        spec:
          containers: [{name: app, image: "{{image}}"}]
        """;

    [Fact]
    public async Task File_ThereAtStart_Runs()
    {
        await using Node node = await Node.StartAsync(n => n.WriteManifest("web.yaml", Pod("web")));

        Core.Pod pod = await node.WaitForReadyAsync("web");

        Assert.Equal("file", pod.Metadata.Annotations["kubernetes.io/config.source"]);
        Assert.Equal(32, pod.Metadata.Annotations["kubernetes.io/config.hash"].Length);
        Assert.True(Guid.TryParse(pod.Metadata.Uid, out _));
    }

    [Fact]
    public async Task File_Written_RunsAndRemovedEnds()
    {
        await using Node node = await Node.StartAsync();
        node.WriteManifest("web.yaml", Pod("web"));
        await node.WaitForReadyAsync("web");

        File.Delete(Path.Combine(node.Manifests, "web.yaml"));
        await Eventually.AdvanceAsync(node, TimeSpan.FromMilliseconds(200), p => p.Metadata.DeletionTimestamp is not null);
        await node.WaitForGoneAsync("web");

        Assert.Empty(node.Runtime.Sandboxes);
    }

    [Fact]
    public async Task File_ManyPodsIncludingJson_AllRun()
    {
        await using Node node = await Node.StartAsync();
        node.WriteManifest("many.yml", Pod("a") + "\n---\n" + Pod("b"));
        node.WriteManifest("c.json", """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"},"spec":{"containers":[{"name":"app","image":"app:1"}]}}""");

        await node.WaitForReadyAsync("a");
        await node.WaitForReadyAsync("b");
        await node.WaitForReadyAsync("c");
    }

    [Fact]
    public async Task File_Changed_ReplacesThePodAfterItsEnd()
    {
        await using Node node = await Node.StartAsync();
        node.WriteManifest("web.yaml", Pod("web"));
        Core.Pod first = await node.WaitForReadyAsync("web");

        node.WriteManifest("web.yaml", Pod("web", "app:2"));
        Core.Pod second = await node.WaitForAsync("web", p => p.Metadata.Uid != first.Metadata.Uid && Node.IsReady(p), "the second pod");

        Assert.Equal("app:2", second.Status.ContainerStatuses[0].Image);
        List<string> calls = [.. node.Runtime.Calls];
        Assert.True(calls.IndexOf("RemovePodSandbox web") < calls.LastIndexOf("RunPodSandbox web/0"));
    }

    [Fact]
    public async Task File_BrokenByAnEdit_KeepsThePodAndSaysWhy()
    {
        await using Node node = await Node.StartAsync();
        node.WriteManifest("web.yaml", Pod("web"));
        Core.Pod before = await node.WaitForReadyAsync("web");

        node.WriteManifest("web.yaml", Pod("web").Replace("image:", "imgae:"));
        Core.Event e = await node.WaitForEventAsync("web.yaml", e => e.Reason == "FailedManifest");

        Assert.Contains("spec.containers[0].imgae: unknown field, did you mean \"image\"?", e.Message);
        Assert.Equal("Manifest", e.InvolvedObject.Kind);
        Assert.Equal("default", e.InvolvedObject.Namespace);
        Core.Pod after = node.Engine.Registry.List().Single();
        Assert.Equal(before.Metadata.Uid, after.Metadata.Uid);
        Assert.Null(after.Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task File_BrokenWhileTheAgentIsAway_KeepsThePod()
    {
        await using Node node = await Node.StartAsync(n => n.WriteManifest("web.yaml", Pod("web")));
        Core.Pod before = await node.WaitForReadyAsync("web");

        await node.RestartAsync(() => node.WriteManifest("web.yaml", "kind: ["));
        Core.Pod after = await node.WaitForReadyAsync("web");

        Assert.Equal(before.Metadata.Uid, after.Metadata.Uid);
        Assert.Single(node.Runtime.Containers);
    }

    [Theory]
    [InlineData("a: [b\nc: d")]
    [InlineData("spec:\n  containers:\n  - {a: b,\nc: [d], e: \"f\"}")]
    [InlineData("\0\u0001binary")]
    [InlineData("- just\n- a list")]
    public async Task File_Garbage_IsAnEventAndNothingElse(string content)
    {
        await using Node node = await Node.StartAsync();
        node.WriteManifest("bad.yaml", content);
        await node.WaitForEventAsync("bad.yaml", e => e.Reason == "FailedManifest");

        node.WriteManifest("web.yaml", Pod("web"));

        await node.WaitForReadyAsync("web");
    }

    [Fact]
    public async Task File_Emptied_KeepsThePod()
    {
        await using Node node = await Node.StartAsync(n => n.WriteManifest("web.yaml", Pod("web")));
        await node.WaitForReadyAsync("web");

        node.WriteManifest("web.yaml", "");
        Core.Event e = await node.WaitForEventAsync("web.yaml", e => e.Reason == "FailedManifest");

        Assert.Equal("web.yaml: file contains no pod", e.Message);
        Assert.Null(node.Engine.Registry.List().Single().Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task File_Renamed_KeepsThePod()
    {
        await using Node node = await Node.StartAsync(n => n.WriteManifest("web.yaml", Pod("web")));
        await node.WaitForReadyAsync("web");

        File.Move(Path.Combine(node.Manifests, "web.yaml"), Path.Combine(node.Manifests, "renamed.yaml"));
        node.WriteManifest("other.yaml", Pod("other"));
        await node.WaitForReadyAsync("other");
        node.Time.Advance(TimeSpan.FromSeconds(1));
        node.WriteManifest("third.yaml", Pod("third"));
        await node.WaitForReadyAsync("third");

        Assert.Null(node.Engine.Registry.Get(new PodKey("default", "web"))!.Metadata.DeletionTimestamp);
        RpcException e = await Assert.ThrowsAsync<RpcException>(async () => await node.Client.DeletePodAsync(new DeletePodRequest { Name = "web" }));
        Assert.Equal(
            (StatusCode.FailedPrecondition, $"pod \"web\" comes from manifest \"{node.Manifests}/renamed.yaml\"; remove the file"), (e.StatusCode, e.Status.Detail));
    }

    [Fact]
    public async Task File_RenamedWithinTheDirectory_IsNoConflict()
    {
        await using Node node = await Node.StartAsync(n => n.WriteManifest("a.yaml", Pod("web")));
        Core.Pod before = await node.WaitForReadyAsync("web");

        File.Move(Path.Combine(node.Manifests, "a.yaml"), Path.Combine(node.Manifests, "b.yaml"));
        node.WriteManifest("other.yaml", Pod("other"));
        await node.WaitForReadyAsync("other");

        Assert.Equal(before.Metadata.Uid, node.Engine.Registry.Get(new PodKey("default", "web"))!.Metadata.Uid);
        Assert.DoesNotContain(node.Engine.Services.Events.List("", ""), e => e.Reason == "FailedManifest");
    }

    /// <summary>What vim does: the old file becomes the backup, a new one is written, the backup goes.</summary>
    [Fact]
    public async Task File_WrittenAnewByAnEditor_KeepsThePod()
    {
        await using Node node = await Node.StartAsync(n => n.WriteManifest("web.yaml", Pod("web")));
        Core.Pod before = await node.WaitForReadyAsync("web");
        string file = Path.Combine(node.Manifests, "web.yaml");

        File.Move(file, file + "~");
        node.WriteManifest("web.yaml", Pod("web"));
        File.Delete(file + "~");
        await PassAsync(node);

        Assert.Equal(before.Metadata.Uid, node.Engine.Registry.Get(new PodKey("default", "web"))!.Metadata.Uid);
        Assert.DoesNotContain(node.Runtime.Calls, call => call.StartsWith("StopContainer", StringComparison.Ordinal));
    }

    /// <summary>What git and install(1) do.</summary>
    [Fact]
    public async Task File_UnlinkedAndCreated_KeepsThePod()
    {
        await using Node node = await Node.StartAsync(n => n.WriteManifest("web.yaml", Pod("web")));
        Core.Pod before = await node.WaitForReadyAsync("web");

        File.Delete(Path.Combine(node.Manifests, "web.yaml"));
        node.WriteManifest("web.yaml", Pod("web"));
        await PassAsync(node);

        Assert.Equal(before.Metadata.Uid, node.Engine.Registry.Get(new PodKey("default", "web"))!.Metadata.Uid);
        Assert.DoesNotContain(node.Runtime.Calls, call => call.StartsWith("StopContainer", StringComparison.Ordinal));
    }

    // Until everything that was notified so far has been looked at, late removals included.
    private static async Task PassAsync(Node node)
    {
        node.WriteManifest("mark.yaml", Pod("mark"));
        await node.WaitForReadyAsync("mark");
        node.Time.Advance(TimeSpan.FromSeconds(1));
        node.WriteManifest("mark2.yaml", Pod("mark2"));
        await node.WaitForReadyAsync("mark2");
    }

    [Fact]
    public async Task TwoFiles_SamePodName_SecondIsRefusedUntilTheFirstGoes()
    {
        await using Node node = await Node.StartAsync();
        node.WriteManifest("b.yaml", Pod("web"));
        Core.Pod first = await node.WaitForReadyAsync("web");

        node.WriteManifest("a.yaml", Pod("web", "app:2"));
        Core.Event e = await node.WaitForEventAsync("a.yaml", e => e.Reason == "FailedManifest");
        Assert.Equal($"pod \"default/web\" is already defined by manifest \"{node.Manifests}/b.yaml\"", e.Message);
        Assert.Equal(first.Metadata.Uid, node.Engine.Registry.List().Single().Metadata.Uid);

        File.Delete(Path.Combine(node.Manifests, "b.yaml"));
        Core.Pod second = await Eventually.AdvanceAsync(node, TimeSpan.FromMilliseconds(200), p => p.Metadata.Uid != first.Metadata.Uid && Node.IsReady(p));
        Assert.Equal("app:2", second.Status.ContainerStatuses[0].Image);
    }

    [Theory]
    [InlineData(".web.yaml")]
    [InlineData("web.yaml~")]
    [InlineData(".#web.yaml")]
    [InlineData("#web.yaml#")]
    [InlineData("web.yaml.swp")]
    [InlineData("readme.md")]
    public async Task File_OfAnEditor_IsIgnored(string name)
    {
        await using Node node = await Node.StartAsync();
        node.WriteManifest(name, Pod("hidden"));
        node.WriteManifest("web.yaml", Pod("web"));

        await node.WaitForReadyAsync("web");

        Assert.Equal(["web"], node.Engine.Registry.List().Select(p => p.Metadata.Name));
    }

    [Fact]
    public async Task File_ForAPodOfTheApi_IsRefused()
    {
        await using Node node = await Node.StartAsync();
        await node.ApplyAsync(Pod("web"));

        node.WriteManifest("web.yaml", Pod("web"));
        Core.Event e = await node.WaitForEventAsync("web.yaml", e => e.Reason == "FailedManifest");

        Assert.Equal("web.yaml: pod \"default/web\" already exists, created over the API", e.Message);
    }

    [Fact]
    public async Task Directory_MissingNotification_IsFoundByRescan()
    {
        await using Node node = await Node.StartAsync();
        node.WriteManifest("web.yaml.swp", Pod("web"));
        // A hard link has no writer that closes it: nothing is notified that the agent reads at once.
        Assert.Equal(0, Link(Path.Combine(node.Manifests, "web.yaml.swp"), Path.Combine(node.Manifests, "web.yaml")));

        node.Time.Advance(TimeSpan.FromSeconds(25));

        await node.WaitForReadyAsync("web");
    }

    private static int Link(string existing, string name)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start("ln", [existing, name]);
        process.WaitForExit();
        return process.ExitCode;
    }
}
