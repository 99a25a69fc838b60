using System.Xml.Linq;

namespace PodAgent.Architecture.Tests;

/// <summary>References run one way, as docs/architecture.md draws them.</summary>
public class ReferenceTests
{
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["PodAgent.Linux"] = [],
        ["PodAgent.Rpc"] = [],
        ["PodAgent.Streaming"] = [],
        ["PodAgent.Api"] = ["PodAgent.Rpc"],
        ["PodAgent.Containers"] = ["PodAgent.Linux"],
        ["PodAgent.Images"] = ["PodAgent.Linux"],
        ["PodAgent.Network"] = ["PodAgent.Linux"],
        ["PodAgent.Cri"] = ["PodAgent.Api", "PodAgent.Containers", "PodAgent.Images", "PodAgent.Network", "PodAgent.Streaming"],
        ["PodAgent.Pods"] = ["PodAgent.Api", "PodAgent.Linux"],
        ["PodAgent"] = ["PodAgent.Cri", "PodAgent.Pods"],
        ["PodAgent.Sandbox.Process"] = ["PodAgent.Containers"],
        ["PodAgent.Cli"] = ["PodAgent.Api", "PodAgent.Linux"],
    };

    public static TheoryData<string> Projects => [.. Repository.SourceProjects];

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectReferences_OfEachProject_AreTheEdgesOfTheDesign(string project)
    {
        Assert.True(s_allowed.TryGetValue(project, out string[]? allowed), $"{project} has no place in the design");

        string[] actual = [.. Elements(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))];

        Assert.Empty(actual.Except(allowed!));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void UnsafeBlocks_OfEachProject_AreAllowedInLinuxAlone(string project)
    {
        bool allowed = ProjectFile(project).Descendants("AllowUnsafeBlocks").Any(element => element.Value == "true");

        Assert.Equal(project == "PodAgent.Linux", allowed);
    }

    [Fact]
    public void SandboxProcess_PackagesAndFrameworks_AreNoneOfItsOwn()
    {
        Assert.Empty(Elements("PodAgent.Sandbox.Process", "PackageReference"));
        Assert.Empty(Elements("PodAgent.Sandbox.Process", "FrameworkReference"));
        Assert.Empty(Elements("PodAgent.Containers", "FrameworkReference"));
    }

    private static XDocument ProjectFile(string project) =>
        XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"));

    private static IEnumerable<string> Elements(string project, string name) =>
        ProjectFile(project).Descendants(name).Select(element => (string)element.Attribute("Include")!);
}
