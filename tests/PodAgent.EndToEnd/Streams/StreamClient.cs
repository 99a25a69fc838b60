using System.Text.Json;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Streams;

/// <summary><c>stream-client.js</c>, a client of the streaming server that shares no code with this project.</summary>
internal static class StreamClient
{
    private static readonly Lazy<Task> s_modules = new(async () => (await Command.RunAsync(Path.Combine(Repository.Root, "hack", "interop-deps.sh"), [])).Succeeded());

    /// <param name="mode">What to do.</param>
    /// <param name="url">From Exec, Attach or PortForward.</param>
    /// <param name="parameters">For the mode, as JSON.</param>
    /// <param name="trusted">A certificate file that a server may show; null: what the machine trusts.</param>
    public static async Task<JsonElement> RunAsync(string mode, string url, object parameters, string? trusted = null)
    {
        using var answer = JsonDocument.Parse((await TryAsync(mode, url, parameters, trusted)).Succeeded());
        return answer.RootElement.Clone();
    }

    /// <summary>As <see cref="RunAsync"/>, but it may fail.</summary>
    public static async Task<CommandResult> TryAsync(string mode, string url, object parameters, string? trusted = null)
    {
        await s_modules.Value;
        var environment = new Dictionary<string, string> { ["NODE_PATH"] = Path.Combine(Repository.Root, "artifacts", "interop", "node_modules") };
        if (trusted is not null)
        {
            environment["TRUSTED"] = trusted;
        }

        return await Command.RunAsync(
            "node", [Path.Combine(Repository.Root, "tests", "PodAgent.EndToEnd", "Streams", "stream-client.js"), mode, url, JsonSerializer.Serialize(parameters)],
            environment: environment);
    }
}
