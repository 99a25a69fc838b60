using PodAgent.Api.Core;
using PodAgent.Cli.Commands;

namespace PodAgent.Cli.Tests.Commands;

public sealed class ManifestFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podctl-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task ReadPods_OfADirectory_TakesItsManifestsInOrderOfTheirNames()
    {
        Write("b.yaml", Pod("b"));
        Write("a.json", """{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": []}}""");
        Write("c.yml", Pod("c1") + "---\n" + Pod("c2"));
        Write("notes.txt", "not a manifest");
        Write(".hidden.yaml", "not: a manifest");

        Assert.Equal(["a", "b", "c1", "c2"], await NamesAsync(_directory));
    }

    [Fact]
    public async Task ReadPods_SeveralFiles_KeepsTheirOrder() =>
        Assert.Equal(["b", "a"], await NamesAsync(Write("b.yaml", Pod("b")), Write("a.yaml", Pod("a"))));

    [Fact]
    public async Task ReadPods_MistakesInTwoFiles_AreAllNamedWithTheirPlace()
    {
        string first = Write("first.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    imgae: x\n");
        string second = Write("second.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n");

        var failure = await Assert.ThrowsAsync<CliException>(() => NamesAsync(first, second));

        string[] lines = failure.Message.Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith($"error: {first}:8:5: spec.containers[0].imgae: unknown field, did you mean \"image\"?", lines[0], StringComparison.Ordinal);
        Assert.Equal($"error: {second}:1: the node runs pods, not kind ConfigMap", lines[1]);
    }

    [Fact]
    public async Task ReadPods_PathThatDoesNotExist_IsNamed()
    {
        string path = Path.Combine(_directory, "none.yaml");

        Assert.Equal($"error: the path \"{path}\" does not exist", (await Assert.ThrowsAsync<CliException>(() => NamesAsync(path))).Message);
    }

    [Fact]
    public async Task ReadPods_DirectoryWithoutManifests_IsAMistake() => await Assert.ThrowsAsync<CliException>(() => NamesAsync(_directory));

    [Fact]
    public async Task ReadPods_EmptyFile_IsAMistake()
    {
        string file = Write("empty.yaml", "");

        await Assert.ThrowsAsync<CliException>(() => NamesAsync(file));
    }

    private static string Pod(string name) => $"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers: []\n";

    private static async Task<string[]> NamesAsync(params string[] sources)
    {
        IReadOnlyList<Pod> pods = await ManifestFiles.ReadPodsAsync(sources, CancellationToken.None);
        return [.. pods.Select(pod => pod.Metadata.Name)];
    }

    private string Write(string name, string content)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, content);
        return path;
    }
}
