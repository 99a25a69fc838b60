using PodAgent.Cri.Containers.Specs;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Containers.Specs;

public sealed class CommandLineTests
{
    // The table of the Kubernetes documentation: image entrypoint, image cmd, command, args, result.
    [Theory]
    [InlineData("/ep-1", "foo bar", "", "", "/ep-1 foo bar")]
    [InlineData("/ep-1", "foo bar", "/ep-2", "", "/ep-2")]
    [InlineData("/ep-1", "foo bar", "", "zoo boo", "/ep-1 zoo boo")]
    [InlineData("/ep-1", "foo bar", "/ep-2", "zoo boo", "/ep-2 zoo boo")]
    [InlineData("", "sh", "", "", "sh")]
    [InlineData("", "sh", "", "ls", "ls")]
    public void Merge_Combination_FollowsKubernetes(string entrypoint, string cmd, string command, string args, string expected) =>
        Assert.Equal(expected, string.Join(' ', CommandLine.Merge(Words(entrypoint), Words(cmd), Words(command), Words(args))));

    [Fact]
    public void Merge_Nothing_IsAnError() =>
        Assert.Equal("no command specified", Assert.Throws<AgentException>(() => CommandLine.Merge([], [], [], [])).Message);

    [Fact]
    public void Merge_EmptyFirstWord_IsAnError() => Assert.Throws<AgentException>(() => CommandLine.Merge([], [], [""], ["a"]));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
