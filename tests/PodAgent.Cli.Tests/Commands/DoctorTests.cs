using System.Text.Json;
using PodAgent.Cli.Tests.Support;

namespace PodAgent.Cli.Tests.Commands;

/// <summary>podctl doctor as a program. What the machine offers differs; what it says about the agent does not.</summary>
public class DoctorTests
{
    [Fact]
    public async Task Doctor_WithAnAgent_ChecksWhatTheAgentRunsWith()
    {
        await using FakeAgent agent = await FakeAgent.StartAsync();
        Directory.CreateDirectory(Path.Combine(agent.Directory, "manifests"));
        await File.WriteAllTextAsync(Path.Combine(agent.Directory, "manifests", "bad.yaml"), "apiVersion: v1\nkind: Pod\nmetadata:\n  nme: web\n");

        PodctlResult result = await agent.RunAsync("doctor", "-o", "json");

        Assert.Equal("", result.Error);
        Dictionary<string, JsonElement> findings = JsonDocument.Parse(result.Output).RootElement.GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("area").GetString() == "Agent")
            .ToDictionary(finding => finding.GetProperty("name").GetString()!);
        Assert.Equal("ok", findings["running"].GetProperty("level").GetString());
        Assert.Equal("warning", findings["version"].GetProperty("level").GetString());
        Assert.Contains("the agent is 1.2.3", findings["version"].GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("warning", findings["manifests"].GetProperty("level").GetString());
        Assert.Contains("did you mean \"name\"", findings["manifests"].GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("198.51.100.0/24", findings["addresses"].GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Doctor_WithoutAnAgent_ChecksTheConfigurationFile()
    {
        await using FakeAgent agent = await FakeAgent.StartAsync();
        string file = Path.Combine(agent.Directory, "podagent.yaml");
        await File.WriteAllTextAsync(file, "podLog: /x\nnetwork:\n  subnett: y\n");

        PodctlResult result = await agent.RunAsync("doctor", "--quiet", "--config", file, "--socket", Path.Combine(agent.Directory, "nobody.sock"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("podLog: unknown field, did you mean \"podLogs\"?", result.Output, StringComparison.Ordinal);
        Assert.Contains("network.subnett: unknown field, did you mean \"subnet\"?", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("  ok  ", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }
}
