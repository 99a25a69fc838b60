using System.Net.Sockets;
using System.Text;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Cli;

/// <summary>podctl port-forward.</summary>
public sealed class PortForwardTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task PortForward_FreeLocalPort_CarriesManyConnections()
    {
        await agent.ApplyAsync(PodYaml.Shell("web", "echo served > /tmp/file; exec httpd -f -p 80 -h /tmp"));
        await agent.WaitUntilRunningAsync("web");
        using LineReader forward = agent.PodctlStart("port-forward", "pod/web", ":80", "--address", "127.0.0.1");
        string line = await forward.UntilAsync(each => each.StartsWith("Forwarding from 127.0.0.1:", StringComparison.Ordinal));
        int port = int.Parse(line.Split(':')[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync(port)));

        Assert.All(answers, answer => Assert.EndsWith("served\n", answer, StringComparison.Ordinal));
        await forward.UntilAsync(each => each == $"Handling connection for {port}");
    }

    [Fact]
    public async Task PortForward_OfHostNetwork_ReachesTheNodesPorts()
    {
        var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        int nodePort = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        await agent.ApplyAsync(PodYaml.Idle("node", spec: "hostNetwork: true"));
        await agent.WaitUntilRunningAsync("node");
        using LineReader forward = agent.PodctlStart("port-forward", "node", $":{nodePort}", "--address", "127.0.0.1");
        string line = await forward.UntilAsync(each => each.StartsWith("Forwarding from", StringComparison.Ordinal));
        using var client = new TcpClient("127.0.0.1", int.Parse(line.Split(':')[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using TcpClient arrived = await listener.AcceptTcpClientAsync(limit.Token);

        await arrived.GetStream().WriteAsync("from the node"u8.ToArray(), limit.Token);
        arrived.Close();
        using var reader = new StreamReader(client.GetStream());
        Assert.Equal("from the node", await reader.ReadToEndAsync(limit.Token));
        listener.Stop();
    }

    [Fact]
    public async Task PortForward_DeafPort_IsSaidAndForwardingGoesOn()
    {
        await agent.ApplyAsync(PodYaml.Idle("deaf"));
        await agent.WaitUntilRunningAsync("deaf");
        using LineReader forward = agent.PodctlStart("port-forward", "deaf", ":9", "--address", "127.0.0.1");
        string line = await forward.UntilAsync(each => each.StartsWith("Forwarding from", StringComparison.Ordinal));
        int port = int.Parse(line.Split(':')[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal("", await GetAsync(port));
        Assert.Equal("", await GetAsync(port));
        Assert.Contains("connection refused", await forward.Process.StandardError.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PortForward_BadWords_AreExplained()
    {
        await agent.ApplyAsync(PodYaml.Idle("words"));
        await agent.WaitUntilRunningAsync("words");

        Assert.Contains("\"http\" is no port", (await agent.PodctlAsync("port-forward", "words", "http")).Error, StringComparison.Ordinal);
        Assert.Contains("is not a valid IP address", (await agent.PodctlAsync("port-forward", "words", "80", "--address", "nowhere")).Error, StringComparison.Ordinal);
        Assert.Contains("\"nobody\" not found", (await agent.PodctlAsync("port-forward", "nobody", "80")).Error, StringComparison.Ordinal);
    }

    private static async Task<string> GetAsync(int port)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, limit.Token);
        try
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /file HTTP/1.0\r\n\r\n"), limit.Token);
            using var reader = new StreamReader(client.GetStream());
            return await reader.ReadToEndAsync(limit.Token);
        }
        catch (IOException)
        {
            // Reset: what a refused connection may look like.
            return "";
        }
    }
}
