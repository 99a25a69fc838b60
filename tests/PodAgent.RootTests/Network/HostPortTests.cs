using System.Net;
using System.Net.Sockets;
using PodAgent.Linux;
using PodAgent.Network;

namespace PodAgent.RootTests.Network;

public sealed class HostPortTests
{
    private static readonly PortMapping s_web = new(TransportProtocol.Tcp, null, 8080, 80);
    private static readonly PortMapping s_dns = new(TransportProtocol.Udp, null, 5353, 53);

    [Fact]
    public async Task Attach_HostPort_IsReachableFromOutsideWithTheClientsAddress()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync("a", s_web, s_dns);
        using var tcp = pod.ServeTcp(80);
        using var udp = pod.ServeUdp(53);

        Assert.Equal($"you are {NetworkFixture.OutsideAddress}", await fixture.Outside.AskTcpAsync(NetworkFixture.HostAddress, 8080));
        Assert.Equal(
            $"{NetworkFixture.OutsideAddress} said hello", await fixture.Outside.AskUdpAsync(NetworkFixture.HostAddress, 5353, "hello"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData(NetworkFixture.HostAddress)]
    [InlineData(NetworkFixture.Gateway)]
    public async Task Attach_HostPort_IsReachableFromTheHost(string address)
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync("a", s_web, s_dns);
        using var tcp = pod.ServeTcp(80);
        using var udp = pod.ServeUdp(53);

        Assert.StartsWith("you are ", await fixture.Host.AskTcpAsync(address, 8080));
        Assert.EndsWith("said hello", await fixture.Host.AskUdpAsync(address, 5353, "hello"));
        // Largest datagram of IPv4: the forwarder must not cut.
        string large = new('x', 60000);
        Assert.EndsWith(large, await fixture.Host.AskUdpAsync(address, 5353, large));
    }

    [Fact]
    public async Task Attach_HostPort_IsReachableFromItsOwnPodAndFromOthers()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace server, _) = await fixture.AttachAsync("a", s_web);
        (PrivateNamespace client, _) = await fixture.AttachAsync("b");
        using var tcp = server.ServeTcp(80);

        Assert.StartsWith("you are ", await server.AskTcpAsync(NetworkFixture.HostAddress, 8080));
        Assert.StartsWith("you are ", await client.AskTcpAsync(NetworkFixture.HostAddress, 8080));
        Assert.StartsWith("you are ", await client.AskTcpAsync(NetworkFixture.Gateway, 8080));
    }

    [Fact]
    public async Task Attach_HostIp_PublishesOnThatAddressOnly()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync(
            "a",
            new PortMapping(TransportProtocol.Tcp, IPAddress.Parse(NetworkFixture.HostAddress), 8080, 80),
            new PortMapping(TransportProtocol.Tcp, IPAddress.Loopback, 9090, 80));
        using var tcp = pod.ServeTcp(80);

        Assert.Equal($"you are {NetworkFixture.OutsideAddress}", await fixture.Outside.AskTcpAsync(NetworkFixture.HostAddress, 8080));
        Assert.Equal($"you are {NetworkFixture.Gateway}", await fixture.Host.AskTcpAsync("127.0.0.1", 9090));
        await Assert.ThrowsAsync<SocketException>(() => fixture.Host.AskTcpAsync("127.0.0.1", 8080));
        await Assert.ThrowsAsync<SocketException>(() => fixture.Outside.AskTcpAsync(NetworkFixture.HostAddress, 9090));
    }

    [Fact]
    public async Task Attach_PortOfAnotherSandbox_IsRefusedByItsNameAndChangesNothing()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        await fixture.AttachAsync("first", s_web);

        AgentException refusal = await Assert.ThrowsAsync<AgentException>(() => fixture.AttachAsync(
            "second", s_dns, new PortMapping(TransportProtocol.Tcp, IPAddress.Parse(NetworkFixture.HostAddress), 8080, 81)));

        Assert.Equal(ErrorKind.AlreadyExists, refusal.Kind);
        Assert.Equal("host port 192.0.2.1:8080/TCP is taken by pod \"default/first\"", refusal.Message);
        Assert.Single(fixture.LinksOfPods());
        Assert.Single(fixture.FilesOf("leases"));
        Assert.Single(fixture.FilesOf("attachments"));
        Assert.Null(fixture.Network.Find("second"));
        // The port that came before the refused one is free again.
        await fixture.AttachAsync("third", s_dns);
    }

    [Theory]
    [InlineData(TransportProtocol.Tcp)]
    [InlineData(TransportProtocol.Udp)]
    public async Task Attach_PortOfAProcess_IsRefusedByItsNameAndPid(TransportProtocol protocol)
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        using var holder = protocol == TransportProtocol.Tcp
            ? fixture.Host.ServeTcp(8080, IPAddress.Parse(NetworkFixture.HostAddress))
            : fixture.Host.ServeUdp(8080);

        AgentException refusal = await Assert.ThrowsAsync<AgentException>(
            () => fixture.AttachAsync("a", new PortMapping(protocol, null, 8080, 80)));

        Assert.Equal(ErrorKind.AlreadyExists, refusal.Kind);
        Assert.StartsWith($"host port 8080/{protocol.ToString().ToUpperInvariant()} is taken by process \"", refusal.Message);
        Assert.EndsWith($"(pid {Environment.ProcessId})", refusal.Message);
        Assert.Empty(fixture.LinksOfPods());
        Assert.Empty(fixture.FilesOf("leases"));
    }

    [Fact]
    public async Task Attach_HostPort_KeepsProcessesOfTheHostAway()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        await fixture.AttachAsync("a", s_web);

        SocketException refusal = Assert.Throws<SocketException>(() => fixture.Host.ServeTcp(8080).Dispose());

        Assert.Equal(SocketError.AddressAlreadyInUse, refusal.SocketErrorCode);
    }

    [Fact]
    public async Task Detach_HostPort_IsFreeAgain()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        await fixture.AttachAsync("a", s_web, s_dns);

        await fixture.Network.DetachAsync("a", CancellationToken.None);

        Assert.DoesNotContain("8080", fixture.ListTable());
        using var server = fixture.Host.ServeTcp(8080);
        Assert.StartsWith("you are", await fixture.Host.AskTcpAsync("127.0.0.1", 8080));
    }

    [Fact]
    public async Task Attach_NextHolderOfAUdpPort_GetsTheTrafficOfClientsThatNeverPause()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        using var client = fixture.Outside.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        await client.ConnectAsync(IPAddress.Parse(NetworkFixture.HostAddress), 5353);
        (PrivateNamespace first, _) = await fixture.AttachAsync("first", s_dns);
        using (first.ServeUdp(53))
        {
            Assert.Equal($"{NetworkFixture.OutsideAddress} said 1", await AskAsync("1"));
        }

        await fixture.Network.DetachAsync("first", CancellationToken.None);
        (PrivateNamespace second, _) = await fixture.AttachAsync("second", s_dns);
        using var server = second.ServeUdp(53);

        Assert.Equal($"{NetworkFixture.OutsideAddress} said 2", await AskAsync("2"));

        async Task<string> AskAsync(string text)
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(text), timeout.Token);
            byte[] buffer = new byte[100];
            int count = await client.ReceiveAsync(buffer, timeout.Token);
            return System.Text.Encoding.ASCII.GetString(buffer, 0, count);
        }
    }

    [Fact]
    public async Task Attach_HostAddressThatIsNotThereYet_Works()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();

        await fixture.AttachAsync("a", new PortMapping(TransportProtocol.Tcp, IPAddress.Parse("192.0.2.77"), 8080, 80));

        // Protocols have names where /etc/protocols is.
        Assert.Matches(@"192\.0\.2\.77 \. (tcp|6) \. 8080", fixture.ListTable());
    }

    [Fact]
    public async Task Forward_PodHasNobodyOnThePort_ClientIsRefused()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        await fixture.AttachAsync("a", s_web);

        await Assert.ThrowsAsync<SocketException>(() => fixture.Host.AskTcpAsync("127.0.0.1", 8080));
    }

    [Fact]
    public async Task Attach_Sctp_IsPublishedByRules()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (_, NetworkAttachment attachment) = await fixture.AttachAsync("a", new PortMapping(TransportProtocol.Sctp, null, 9999, 99));

        Assert.Matches($@"(sctp|132) \. 9999 : {attachment.Addresses[0]} \. 99", fixture.ListTable());
    }
}
