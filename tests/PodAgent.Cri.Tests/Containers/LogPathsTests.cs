using PodAgent.Cri.Containers;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Containers;

public sealed class LogPathsTests
{
    [Theory]
    [InlineData("/var/log/pods/a", "main/0.log", "/var/log/pods/a/main/0.log")]
    [InlineData("/var/log/pods/a/", "./main//0.log", "/var/log/pods/a/main/0.log")]
    [InlineData("/var/log/pods/a", "x/../0.log", "/var/log/pods/a/0.log")]
    [InlineData("", "0.log", "")]
    [InlineData("/var/log", "", "")]
    public void Combine_Inside_IsCleaned(string directory, string path, string expected) =>
        Assert.Equal(expected, LogPaths.Combine(directory, path));

    [Theory]
    [InlineData("../other/0.log")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a/")]
    [InlineData("a/../../../etc/passwd")]
    [InlineData("a\0b")]
    public void Combine_Outside_IsRefused(string path) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<AgentException>(() => LogPaths.Combine("/var/log/pods/a", path)).Kind);

    [Fact]
    public void Combine_AbsoluteLogPath_StaysInside() =>
        Assert.Equal("/var/log/pods/a/etc/x", LogPaths.Combine("/var/log/pods/a", "/etc/x"));
}
