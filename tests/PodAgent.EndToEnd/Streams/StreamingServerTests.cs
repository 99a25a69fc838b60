using System.Text.Json;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Streams;

/// <summary>Exec, attach and port-forward of CRI, through a client that shares no code with this project.</summary>
public sealed class StreamingServerTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    private static readonly string[] s_protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"];

    [Fact]
    public async Task Exec_OverSpdy_CarriesInputOutputsAndTheExitCode()
    {
        string container = await RunAsync("exec-spdy");
        JsonElement answer = await CommandAsync(
            "spdy-command", await ExecUrlAsync(container, stdin: true, "cat; echo problem >&2; exit 3"),
            new { types = new[] { "error", "stdin", "stdout", "stderr" }, stdin = "typed\n", protocols = s_protocols });

        Assert.Equal(("v4.channel.k8s.io", 0), (answer.GetProperty("protocol").GetString(), answer.GetProperty("early").GetInt32()));
        Assert.Equal(("typed\n", "problem\n"), (answer.GetProperty("stdout").GetString(), answer.GetProperty("stderr").GetString()));
        using var status = JsonDocument.Parse(answer.GetProperty("error").GetString()!);
        Assert.Equal("NonZeroExitCode", status.RootElement.GetProperty("reason").GetString());
        Assert.Equal("3", status.RootElement.GetProperty("details").GetProperty("causes")[0].GetProperty("message").GetString());
    }

    [Fact]
    public async Task Exec_OverSpdyWithoutProtocol_IsVersionOne()
    {
        string container = await RunAsync("exec-old");
        JsonElement answer = await CommandAsync(
            "spdy-command", await ExecUrlAsync(container, stdin: false, "echo old; exit 2"), new { types = new[] { "error", "stdout", "stderr" }, protocols = Array.Empty<string>() });

        Assert.False(answer.TryGetProperty("protocol", out _));
        Assert.Equal("old\n", answer.GetProperty("stdout").GetString());
        Assert.StartsWith("command terminated with non-zero exit code", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v5.channel.k8s.io", "cat; exit 4", true)]
    [InlineData("v4.channel.k8s.io", "read line; echo $line; exit 4", false)]
    [InlineData("v4.base64.channel.k8s.io", "read line; echo $line; exit 4", false)]
    public async Task Exec_OverWebSocket_CarriesInputOutputAndTheExitCode(string protocol, string script, bool close)
    {
        string container = await RunAsync($"exec-ws-{protocol.Split('.')[0]}-{protocol.Split('.')[1]}");
        JsonElement answer = await CommandAsync("ws-command", await ExecUrlAsync(container, stdin: true, script), new { protocol, stdin = "typed\n", close });

        Assert.Equal((protocol, 1000), (answer.GetProperty("protocol").GetString(), answer.GetProperty("code").GetInt32()));
        Assert.Equal("typed\n", answer.GetProperty("channels").GetProperty("1").GetString());
        Assert.Contains("\"message\":\"4\"", answer.GetProperty("channels").GetProperty("3").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_BigOutput_IsComplete()
    {
        string container = await RunAsync("exec-big");
        JsonElement answer = await CommandAsync(
            "spdy-command", await ExecUrlAsync(container, stdin: false, "head -c 3000000 /dev/zero | tr '\\0' x"),
            new { types = new[] { "error", "stdout", "stderr" }, protocols = s_protocols });

        Assert.Equal(3_000_000, answer.GetProperty("stdout").GetString()!.Length);
        Assert.Contains("Success", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_StdinOnce_EndsTheShellWithTheInput()
    {
        await agent.ApplyAsync(PodYaml.Of("attach-once", "command: [sh]\nstdin: true\nstdinOnce: true", "restartPolicy: Never"));
        Pod pod = await agent.WaitForPodAsync("attach-once", each => each.Status.ContainerStatuses is [{ State.Running: not null }]);
        var request = new AttachRequest { ContainerId = ContainerId(pod), Stdin = true, Stdout = true, Stderr = true };
        JsonElement answer = await CommandAsync(
            "spdy-command", (await agent.Runtime.AttachAsync(request)).Url,
            new { types = new[] { "error", "stdin", "stdout", "stderr" }, stdin = "echo -n hello\n", protocols = s_protocols });

        Assert.Equal(("hello", ""), (answer.GetProperty("stdout").GetString(), answer.GetProperty("stderr").GetString()));
        Assert.Contains("Success", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PortForward_OverSpdy_ReachesListenersAndNamesDeafPorts()
    {
        await agent.ApplyAsync(PodYaml.Shell("forward", "echo served > /tmp/file; exec httpd -f -p 80 -h /tmp"));
        Pod pod = await agent.WaitUntilRunningAsync("forward");
        JsonElement answer = await CommandAsync(
            "spdy-forward", (await agent.Runtime.PortForwardAsync(new PortForwardRequest { PodSandboxId = await SandboxIdAsync(pod) })).Url,
            new { requests = new[] { new { port = 80, send = "GET /file HTTP/1.0\r\n\r\n" }, new { port = 81, send = "" } } });

        Assert.Equal("portforward.k8s.io", answer.GetProperty("protocol").GetString());
        JsonElement[] answers = [.. answer.GetProperty("answers").EnumerateArray()];
        Assert.EndsWith("served\n", answers[0].GetProperty("data").GetString(), StringComparison.Ordinal);
        Assert.Equal("", answers[0].GetProperty("error").GetString());
        Assert.Contains("IPv4: connection refused, IPv6: connection refused", answers[1].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(string name)
    {
        await agent.ApplyAsync(PodYaml.Idle(name));
        return ContainerId(await agent.WaitUntilRunningAsync(name));
    }

    private async Task<string> ExecUrlAsync(string container, bool stdin, string script) => (await agent.Runtime.ExecAsync(
        new ExecRequest { ContainerId = container, Cmd = { "sh", "-c", script }, Stdin = stdin, Stdout = true, Stderr = true })).Url;

    private static string ContainerId(Pod pod) => pod.Status.ContainerStatuses[0].ContainerID["podagent://".Length..];

    private async Task<string> SandboxIdAsync(Pod pod)
    {
        var filter = new PodSandboxFilter();
        filter.LabelSelector.Add("io.kubernetes.pod.uid", pod.Metadata.Uid);
        return Assert.Single((await agent.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest { Filter = filter })).Items).Id;
    }

    private static Task<JsonElement> CommandAsync(string mode, string url, object parameters) => StreamClient.RunAsync(mode, url, parameters);
}
