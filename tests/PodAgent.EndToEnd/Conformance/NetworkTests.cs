using System.Net;
using System.Net.Sockets;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>Names, addresses and ports of a pod; several containers behind one address.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class NetworkTests(AgentFixture agent)
{
    [Fact]
    public async Task Dns_Configured_IsWhatTheContainerReads()
    {
        await using CriPod pod = await CriPod.RunAsync(agent, config =>
            config.DnsConfig = new DNSConfig { Servers = { "10.10.10.10" }, Searches = { "example.com" }, Options = { "ndots:8" } });

        string text = await pod.OutputAsync(await pod.StartAsync(CriPod.Idle()), "cat", "/etc/resolv.conf");

        Assert.Equal(["nameserver 10.10.10.10", "options ndots:8", "search example.com"], text.TrimEnd().Split('\n').Order());
    }

    [Fact]
    public async Task Hostname_Configured_IsTheContainers()
    {
        await using CriPod pod = await CriPod.RunAsync(agent, config => config.Hostname = "test-hostname");

        Assert.Equal("test-hostname\n", await pod.OutputAsync(await pod.StartAsync(CriPod.Idle()), "hostname"));
    }

    [Fact]
    public async Task PodAddress_FromTheHost_IsReachable()
    {
        // A mapping without a host port is information only.
        await using CriPod pod = await CriPod.RunAsync(agent, config => config.PortMappings.Add(new PortMapping { ContainerPort = 8080 }));
        await pod.StartAsync(WebServer("from the pod"));

        Assert.Equal("from the pod", await GetAsync($"http://{(await pod.StatusAsync()).Network.Ip}:8080/"));
    }

    [Fact]
    public async Task HostPort_OnLoopback_LeadsIntoThePod()
    {
        int port = FreePort();
        await using CriPod pod = await CriPod.RunAsync(agent, config => config.PortMappings.Add(new PortMapping { ContainerPort = 8080, HostPort = port }));
        await pod.StartAsync(WebServer("through the node"));

        Assert.Equal("through the node", await GetAsync($"http://127.0.0.1:{port}/"));
    }

    [Fact]
    public async Task Containers_OfOnePod_ShareItsAddressAndKeepTheirOwnLogsAndExecs()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig server = WebServer("shared");
        server.LogPath = "server.log";
        ContainerConfig client = CriPod.Shell("echo client says hello; exec sleep 1000");
        client.LogPath = "client.log";
        string first = await pod.StartAsync(server);
        string second = await pod.StartAsync(client);

        Assert.Equal("shared", await GetAsync($"http://{(await pod.StatusAsync()).Network.Ip}:8080/"));
        Assert.Equal("shared", await pod.OutputAsync(second, "wget", "-q", "-O", "-", "http://127.0.0.1:8080/"));
        Assert.Equal("server\n", await pod.OutputAsync(first, "echo", "server"));
        Assert.Equal("client\n", await pod.OutputAsync(second, "echo", "client"));
        await pod.StopAsync();
        Assert.Equal("client says hello\n", pod.LogText(client, "stdout"));
        Assert.Contains("server started", pod.LogText(server, "stderr"), StringComparison.Ordinal);
    }

    private static ContainerConfig WebServer(string text) =>
        CriPod.Shell($"mkdir -p /www && printf '%s' '{text}' > /www/index.html && echo server started >&2 && exec httpd -f -p 8080 -h /www");

    // The server is asked again until it listens.
    private static async Task<string> GetAsync(string url)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                return await client.GetStringAsync(url, limit.Token);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(10, limit.Token);
            }
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
