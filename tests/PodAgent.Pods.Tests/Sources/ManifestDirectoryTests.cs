using Microsoft.Extensions.Logging.Abstractions;
using PodAgent.Linux.Files;
using PodAgent.Pods.Events;
using PodAgent.Pods.Sources;
using PodAgent.Pods.Tests.Fakes;

namespace PodAgent.Pods.Tests.Sources;

/// <summary>The directory by itself, with the real inotify.</summary>
public sealed class ManifestDirectoryTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-manifests-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly EventRecorder _events;

    public ManifestDirectoryTests() => _events = new EventRecorder(_time, "node1");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Start_PipeAmongTheFiles_IsRefusedAndTheOthersRun()
    {
        Directory.CreateDirectory(At("manifests"));
        FileTree.MakeNode(At("manifests/a.yaml"), FileKind.Fifo, 0b110_000_000, 0);
        Write("b.yaml", "b");
        List<string> pods = [];
        using var watcher = new DirectoryWatcher();
        await using ManifestDirectory manifests = Open(watcher, found => pods.AddRange(found.Keys.Select(key => key.Name)));

        await Task.Run(manifests.Start).WaitAsync(s_patience);

        Assert.Equal(["b"], pods);
        Assert.Equal("a.yaml: it is not a regular file", Assert.Single(_events.List("", "a.yaml")).Message);
    }

    [Fact]
    public async Task Change_WhoTakesItFails_TheNextOneIsSeen()
    {
        bool refuses = true;
        var failed = new TaskCompletionSource();
        var seen = new TaskCompletionSource<string>();
        using var watcher = new DirectoryWatcher();
        await using ManifestDirectory manifests = Open(watcher, found =>
        {
            if (found.Count > 0 && refuses)
            {
                refuses = false;
                failed.SetResult();
                throw new InvalidOperationException("not now");
            }

            if (found.Count == 2)
            {
                seen.SetResult(string.Join(' ', found.Keys.Select(key => key.Name).Order(StringComparer.Ordinal)));
            }
        });
        manifests.Start();

        Write("a.yaml", "a");
        await failed.Task.WaitAsync(s_patience);
        Write("b.yaml", "b");

        Assert.Equal("a b", await seen.Task.WaitAsync(s_patience));
    }

    private ManifestDirectory Open(DirectoryWatcher watcher, Action<IReadOnlyDictionary<PodKey, ManifestPod>> changed) =>
        new(At("manifests"), At("kept"), TimeSpan.FromMinutes(1), watcher, _events, NullLogger.Instance, _time, changed);

    private string At(string name) => Path.Combine(_directory, name);

    private void Write(string file, string pod) => File.WriteAllText(
        At($"manifests/{file}"), $"{{apiVersion: v1, kind: Pod, metadata: {{name: {pod}}}, spec: {{containers: [{{name: app, image: x}}]}}}}");
}
