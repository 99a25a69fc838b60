using PodAgent.Configuration;
using PodAgent.Linux;

namespace PodAgent.Tests.Configuration;

public sealed class AgentConfigurationFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-test-").FullName;

    private string File => Path.Combine(_directory, "podagent.yaml");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("{}\n")]
    public void Read_FileWithoutSettings_LeavesEverythingToTheDefaults(string content)
    {
        var configuration = Read(content);

        Assert.False(configuration.HasRoot);
        Assert.Null(configuration.Network);
    }

    [Fact]
    public void Read_UnknownKeys_AreAllNamedWithPlaceAndSuggestion()
    {
        var failure = Assert.Throws<AgentException>(() => Read("root: /srv\npodLog: /var/log/pods\nnetwork:\n  subnett: 10.0.0.0/8\n"));

        Assert.Equal(ErrorKind.InvalidArgument, failure.Kind);
        Assert.Equal(
            [
                $"{File}:2:1: podLog: unknown field, did you mean \"podLogs\"?",
                $"{File}:4:3: network.subnett: unknown field, did you mean \"subnet\"?",
            ],
            failure.Message.Split("\nerror: "));
    }

    [Theory]
    [InlineData("network: {mtu: many}", "network.mtu")]
    [InlineData("root: [a]", "root")]
    [InlineData("root: a\nroot: b", "root")]
    [InlineData("- root", "expected an object")]
    [InlineData("root: a\n---\nroot: b", "one document")]
    public void Read_WhatIsNoConfiguration_IsRefusedWithItsPlace(string content, string part)
    {
        string message = Assert.Throws<AgentException>(() => Read(content)).Message;

        Assert.StartsWith(File + ":", message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    private Api.V1.AgentConfiguration Read(string content)
    {
        System.IO.File.WriteAllText(File, content);
        return AgentConfigurationFile.Read(File);
    }
}
