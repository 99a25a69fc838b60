using System.Text.Json;
using Google.Protobuf;
using PodAgent.Api.V1;
using PodAgent.Cli.Commands;
using PodAgent.Cli.Output;
using Spectre.Console;

namespace PodAgent.Cli.Tests.Commands;

public class ImageInspectionTests
{
    private static readonly InspectImageResponse s_image = new()
    {
        Id = "sha256:abc",
        Tags = { "docker.io/library/a:1" },
        Size = 42,
        Config = ByteString.CopyFromUtf8(
            """
            {"architecture":"amd64","os":"linux","config":{"Cmd":["sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:d"]},
             "history":[{"created":"2026-01-01T00:00:00Z","created_by":"ADD \u001b[2J file"},{"created_by":"ENV a=b","empty_layer":true}]}
            """),
        Manifest = ByteString.CopyFromUtf8("""{"layers":[{"size":1500},{"size":7}]}"""),
        ManifestDigest = "sha256:m",
    };

    [Fact]
    public void Json_Image_HasDockersShape()
    {
        using var document = JsonDocument.Parse(ImageInspection.Json([s_image]));
        JsonElement image = document.RootElement[0];

        Assert.Equal("sha256:abc", image.GetProperty("Id").GetString());
        Assert.Equal("docker.io/library/a:1", image.GetProperty("RepoTags")[0].GetString());
        Assert.Equal(0, image.GetProperty("RepoDigests").GetArrayLength());
        Assert.Equal("amd64", image.GetProperty("Architecture").GetString());
        Assert.Equal("sh", image.GetProperty("Config").GetProperty("Cmd")[0].GetString());
        Assert.Equal("sha256:d", image.GetProperty("RootFS").GetProperty("Layers")[0].GetString());
        Assert.Equal(42, image.GetProperty("Size").GetInt64());
    }

    [Fact]
    public void History_Steps_AreTheLastFirstAndHarmless()
    {
        TextTable table = ImageInspection.History(s_image, whole: false, new DateTimeOffset(2026, 1, 3, 0, 0, 0, TimeSpan.Zero));
        using var output = new StringWriter();
        table.Write(AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) }));

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("<unknown>", lines[1], StringComparison.Ordinal);
        Assert.Contains("7B", lines[1], StringComparison.Ordinal);
        Assert.Contains("ENV a=b", lines[2], StringComparison.Ordinal);
        Assert.Contains("0B", lines[2], StringComparison.Ordinal);
        Assert.Contains("ADD  [2J file", lines[3], StringComparison.Ordinal);
        Assert.Contains("1.5kB", lines[3], StringComparison.Ordinal);
    }
}
