using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Startup;

/// <summary>What keeps <c>podagent</c> from starting is told in one line each, before anything is made.</summary>
public sealed class AgentStartTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-e2e-start-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("--subnet", "nonsense", "subnet \"nonsense\" is not an IPv4 network such as 10.88.0.0/16")]
    [InlineData("--bridge", "much-too-long-for-linux", "bridge name \"much-too-long-for-linux\" must have 1 to 15 letters")]
    [InlineData("--subnet", "10.90.0.0/31", "subnet \"10.90.0.0/31\" is too small for a gateway and a pod")]
    [InlineData("--cgroup-parent", "../up", "cgroup parent \"../up\" is not a relative path without dots")]
    [InlineData("--log-level", "loud", "log level \"loud\" is none of trace, debug, info, warning, error")]
    [InlineData("--mtu", "7", "mtu 7 is not between 68 and 65535")]
    [InlineData("--sandbox-binary", "/nowhere/pod-sandbox", "there is no pod-sandbox program at \"/nowhere/pod-sandbox\"")]
    [InlineData("--config", "/nowhere/podagent.yaml", "cannot read the configuration file \"/nowhere/podagent.yaml\": Could not find")]
    [InlineData("--frobnicate", "1", "unknown flag: --frobnicate")]
    public async Task Flag_Wrong_IsNamedAndNothingIsMade(string flag, string value, string part)
    {
        CommandResult result = await StartAsync(flag, value);

        Assert.Contains(part, result.Failed(), StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory));
    }

    [Fact]
    public async Task Flags_SeveralWrong_AreNamedTogether()
    {
        string error = (await StartAsync("--subnet", "nonsense", "--log-level", "loud")).Failed();

        Assert.Contains("subnet \"nonsense\"", error, StringComparison.Ordinal);
        Assert.Contains("log level \"loud\"", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configuration_WithUnknownField_IsNamedWithPlaceAndSuggestion()
    {
        string file = Path.Combine(_directory, "podagent.yaml");
        await File.WriteAllTextAsync(file, "logLevel: info\nmanifest: /srv\n");

        string error = (await StartAsync("--config", file)).Failed();

        Assert.Contains($"{file}:2:1: manifest: unknown field, did you mean \"manifests\"?", error, StringComparison.Ordinal);
    }

    private Task<CommandResult> StartAsync(params string[] arguments) => Command.RunAsync(
        Repository.Program("podagent"),
        ["--root", Path.Combine(_directory, "lib"), "--state", Path.Combine(_directory, "run"), "--pod-logs", Path.Combine(_directory, "log"),
            "--nftables-table", "podagent_e2e_start", .. arguments]);
}
