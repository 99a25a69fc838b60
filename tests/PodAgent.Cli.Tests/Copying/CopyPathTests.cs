using PodAgent.Cli.Copying;

namespace PodAgent.Cli.Tests.Copying;

public sealed class CopyPathTests
{
    [Theory]
    [InlineData("/tmp/x", null, null, "/tmp/x")]
    [InlineData("x", null, null, "x")]
    [InlineData("./a:b", null, null, "./a:b")]
    [InlineData("/a:b", null, null, "/a:b")]
    [InlineData("pod:/x", null, "pod", "/x")]
    [InlineData("pod:x:y", null, "pod", "x:y")]
    [InlineData("ns/pod:/x", "ns", "pod", "/x")]
    public void Parse_Side_IsLocalOrAPods(string text, string? @namespace, string? pod, string path) =>
        Assert.Equal(new CopyPath(@namespace, pod, path), CopyPath.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData(":x")]
    [InlineData("pod:")]
    [InlineData("ns/:x")]
    public void Parse_WithoutNameOrPath_IsRefused(string text) => Assert.Throws<CliException>(() => CopyPath.Parse(text));
}
