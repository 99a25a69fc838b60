using System.Text;
using PodAgent.Api.Core;
using PodAgent.Api.Manifests;
using PodAgent.Cli.Describe;
using PodAgent.Cli.Tests.Support;

namespace PodAgent.Cli.Tests.Describe;

/// <summary>Each folder of Cases is a pod with its events, and the text that describes it.</summary>
public class PodDescriptionTests
{
    private static readonly FixedTime s_time = new(new DateTimeOffset(2026, 1, 1, 0, 1, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("web")]
    [InlineData("failing")]
    [InlineData("scheduled")]
    public void Write_PodOfACase_IsTheExpectedText(string name)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Describe", "Cases", name);
        ManifestReadResult result = new ManifestReader().Read(File.ReadAllBytes(Path.Combine(folder, "pod.yaml")), "pod.yaml");
        Assert.Empty(result.Problems);

        string text = PodDescription.Write(
            result.Objects.Select(item => item.Message).OfType<Pod>().Single(), [.. result.Objects.Select(item => item.Message).OfType<Event>()], s_time);

        Assert.Equal(File.ReadAllText(Path.Combine(folder, "expected.txt"), Encoding.UTF8), text);
    }
}
