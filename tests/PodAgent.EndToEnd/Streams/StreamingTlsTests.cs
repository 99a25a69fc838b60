using System.Text.Json;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;
using PodAgent.EndToEnd.Images;

namespace PodAgent.EndToEnd.Streams;

/// <summary>The streaming server over TLS.</summary>
public sealed class StreamingTlsTests : IDisposable
{
    private static readonly string[] s_protocols = ["v4.channel.k8s.io"];
    private readonly string _files = Directory.CreateTempSubdirectory("podagent-e2e-tls-").FullName;

    public void Dispose() => Directory.Delete(_files, recursive: true);

    [Fact]
    public Task Exec_WithTheAgentsOwnCertificate_IsTrustedByItsFileAlsoAfterARestart() => WithAgentAsync(["--stream-server-tls"], async (agent, container) =>
    {
        string trusted = Path.Combine(_files, "trusted.crt");
        File.Copy(Path.Combine(agent.State, "streaming.crt"), trusted);

        string url = await ExecUrlAsync(agent, container);
        Assert.StartsWith("https://127.0.0.1:", url, StringComparison.Ordinal);
        Assert.Contains("self-signed certificate", (await StreamClient.TryAsync("spdy-command", url, Parameters())).Failed(), StringComparison.Ordinal);
        await EchoesAsync(agent, container, trusted);
        await CountsAsync(agent, container, trusted);
        await agent.ReplaceAgentAsync();
        await EchoesAsync(agent, container, trusted);
    });

    [Fact]
    public async Task Exec_WithAConfiguredCertificate_ShowsThat()
    {
        var authority = new TestAuthority();
        (string certificate, string key, string root) = (Path.Combine(_files, "tls.crt"), Path.Combine(_files, "tls.key"), Path.Combine(_files, "root.crt"));
        await File.WriteAllTextAsync(certificate, authority.Certificate);
        await File.WriteAllTextAsync(key, authority.Key);
        await File.WriteAllTextAsync(root, authority.Root);

        await WithAgentAsync(["--stream-server-tls", "--stream-server-certificate-file", certificate, "--stream-server-key-file", key], async (agent, container) =>
        {
            await EchoesAsync(agent, container, root);
            Assert.False(File.Exists(Path.Combine(agent.State, "streaming.crt")));
        });
    }

    private static async Task WithAgentAsync(string[] flags, Func<AgentFixture, string, Task> body)
    {
        var agent = new AgentFixture(flags);
        await agent.InitializeAsync();
        try
        {
            await agent.ApplyAsync(PodYaml.Idle("tls"));
            Pod pod = await agent.WaitUntilRunningAsync("tls");
            await body(agent, pod.Status.ContainerStatuses[0].ContainerID["podagent://".Length..]);
        }
        finally
        {
            await agent.DisposeAsync();
        }
    }

    private static async Task EchoesAsync(AgentFixture agent, string container, string trusted)
    {
        JsonElement spdy = await StreamClient.RunAsync("spdy-command", await ExecUrlAsync(agent, container), Parameters(), trusted);
        Assert.Equal("over TLS\n", spdy.GetProperty("stdout").GetString());
        JsonElement socket = await StreamClient.RunAsync(
            "ws-command", await ExecUrlAsync(agent, container), new { protocol = "v5.channel.k8s.io", stdin = "", close = true }, trusted);
        Assert.Equal("over TLS\n", socket.GetProperty("channels").GetProperty("1").GetString());
    }

    private static async Task CountsAsync(AgentFixture agent, string container, string trusted)
    {
        var request = new ExecRequest { ContainerId = container, Cmd = { "wc", "-c" }, Stdin = true, Stdout = true, Stderr = true };
        JsonElement answer = await StreamClient.RunAsync(
            "spdy-command", (await agent.Runtime.ExecAsync(request)).Url,
            new { types = new[] { "error", "stdin", "stdout", "stderr" }, stdin = new string('x', 120_000), protocols = s_protocols }, trusted);
        Assert.Equal("120000\n", answer.GetProperty("stdout").GetString());
    }

    private static async Task<string> ExecUrlAsync(AgentFixture agent, string container) => (await agent.Runtime.ExecAsync(
        new ExecRequest { ContainerId = container, Cmd = { "echo", "over TLS" }, Stdout = true, Stderr = true })).Url;

    private static object Parameters() => new { types = new[] { "error", "stdout", "stderr" }, protocols = s_protocols };
}
