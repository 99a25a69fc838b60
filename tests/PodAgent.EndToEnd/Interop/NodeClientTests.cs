using System.Text.Json;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Interop;

/// <summary>A client that shares no code with this project gets along with the agent by its proto files.</summary>
public sealed class NodeClientTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task GrpcJs_WithTheProtoFiles_SpeaksPodsCriAndHealth()
    {
        await agent.ApplyAsync(PodYaml.Idle("interop"));
        await agent.WaitUntilRunningAsync("interop");
        (await Command.RunAsync(Path.Combine(Repository.Root, "hack", "interop-deps.sh"), [])).Succeeded();

        CommandResult node = await Command.RunAsync("node",
            [Path.Combine(Repository.Root, "tests", "PodAgent.EndToEnd", "Interop", "node-client.js"), agent.Socket, Path.Combine(Repository.Root, "protos"),
                "podagent/v1/pods.proto", "runtime/v1/api.proto", "grpc/health/v1/health.proto", "nobody"],
            environment: new Dictionary<string, string> { ["NODE_PATH"] = Path.Combine(Repository.Root, "artifacts", "interop", "node_modules") });

        using var answer = JsonDocument.Parse(node.Succeeded());
        JsonElement root = answer.RootElement;
        JsonElement pod = Assert.Single(root.GetProperty("pods").EnumerateArray());
        Assert.Equal(("interop", "Running"), (pod.GetProperty("name").GetString(), pod.GetProperty("phase").GetString()));
        Assert.Equal(5, root.GetProperty("refused").GetProperty("code").GetInt32());
        Assert.Contains("\"nobody\" not found", root.GetProperty("refused").GetProperty("details").GetString(), StringComparison.Ordinal);
        Assert.Equal(["ADDED", "BOOKMARK"], root.GetProperty("watched").EnumerateArray().Select(type => type.GetString()));
        Assert.Equal("podagent", root.GetProperty("runtime").GetString());
        Assert.Equal("v1", root.GetProperty("api").GetString());
        Assert.Equal("c", Assert.Single(root.GetProperty("containers").EnumerateArray()).GetString());
        Assert.Equal("SERVING", root.GetProperty("health").GetString());
    }
}
