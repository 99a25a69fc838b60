using System.Text;
using PodAgent.Pods.Sources;

namespace PodAgent.Pods.Tests.Sources;

public class ManifestSetTests
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static IReadOnlyList<ManifestPod> Read(string yaml, out IReadOnlyList<string> problems, string file = "/m/web.yaml") =>
        ManifestFile.Read(Encoding.UTF8.GetBytes(yaml), file, s_now, out problems);

    private static string Pod(string name, string labels = "{a: b, c: d}", string image = "app:1") =>
        $"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {labels}}}\nspec: {{containers: [{{name: app, image: \"{image}\"}}]}}\n---\n";

    [Fact]
    public void Read_SameContentInAnotherOrder_HasTheSameUid()
    {
        string uid = Read(Pod("web"), out _)[0].Pod.Metadata.Uid;

        Assert.Equal(uid, Read(Pod("web", "{c: d, a: b}"), out _, "/m/other.yaml")[0].Pod.Metadata.Uid);
        Assert.NotEqual(uid, Read(Pod("web", "{a: b}"), out _)[0].Pod.Metadata.Uid);
        Assert.NotEqual(uid, Read(Pod("web", image: "app:2"), out _)[0].Pod.Metadata.Uid);
        Assert.NotEqual(uid, Read(Pod("other"), out _)[0].Pod.Metadata.Uid);
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n", "web.yaml:1: kind ConfigMap is not run from manifests by this version, only Pod is")]
    [InlineData("", "web.yaml: file contains no pod")]
    [InlineData("# nothing\n", "web.yaml: file contains no pod")]
    public void Read_NothingToRun_SaysSo(string yaml, string problem)
    {
        Assert.Empty(Read(yaml, out IReadOnlyList<string> problems));
        Assert.Equal([problem], problems);
    }

    [Fact]
    public void Read_OneOfTwoIsWrong_RefusesTheFile()
    {
        Assert.Empty(Read(Pod("web") + Pod("Not_A_Name"), out IReadOnlyList<string> problems));
        Assert.Contains("metadata.name: Invalid value", Assert.Single(problems));
    }

    [Fact]
    public void Read_SameNameTwice_RefusesTheFile()
    {
        Read(Pod("web") + Pod("web", image: "app:2"), out IReadOnlyList<string> problems);

        Assert.Contains("pod \"web\" is defined twice in this file", Assert.Single(problems));
    }

    [Fact]
    public void Resolve_TwoFilesOneName_TheFirstKeepsItUntilItGoes()
    {
        ManifestSet set = new();
        set.Set("/m/b", Read(Pod("web"), out _, "/m/b"));
        Assert.Equal("/m/b", set.Resolve(out _).Single().Value.File);

        set.Set("/m/a", Read(Pod("web", image: "app:2"), out _, "/m/a"));
        Assert.Equal("/m/b", set.Resolve(out IReadOnlyList<(string File, string Problem)> refused).Single().Value.File);
        Assert.Equal(("/m/a", "pod \"default/web\" is already defined by manifest \"/m/b\""), refused.Single());

        set.Remove("/m/b");
        Assert.Equal("/m/a", set.Resolve(out refused).Single().Value.File);
        Assert.Empty(refused);
    }

    [Theory]
    [InlineData("a.yaml", true)]
    [InlineData("a.yml", true)]
    [InlineData("a.JSON", true)]
    [InlineData(".a.yaml", false)]
    [InlineData(".#a.yaml", false)]
    [InlineData("#a.yaml", false)]
    [InlineData("a.yaml~", false)]
    [InlineData("a.yaml.swp", false)]
    [InlineData("a.txt", false)]
    [InlineData("", false)]
    public void IsManifestName_Names_AreToldApart(string name, bool expected) => Assert.Equal(expected, ManifestFile.IsManifestName(name));
}
