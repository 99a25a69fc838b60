using System.Net;
using System.Net.NetworkInformation;
using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Network;

namespace PodAgent.RootTests.Network;

public sealed class PodConnectivityTests
{
    [Fact]
    public async Task Attach_TwoPods_ReachEachOtherUnderTheirOwnAddresses()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace a, NetworkAttachment first) = await fixture.AttachAsync("a");
        (PrivateNamespace b, NetworkAttachment second) = await fixture.AttachAsync("b");
        using var server = b.ServeTcp(80);

        Assert.Equal($"you are {first.Addresses[0]}", await a.AskTcpAsync(second.Addresses[0].ToString(), 80));
    }

    [Fact]
    public async Task Attach_PodAndHost_ReachEachOther()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, NetworkAttachment attachment) = await fixture.AttachAsync("a");
        using var podServer = pod.ServeTcp(80);
        using var hostServer = fixture.Host.ServeTcp(81);

        Assert.Equal($"you are {NetworkFixture.Gateway}", await fixture.Host.AskTcpAsync(attachment.Addresses[0].ToString(), 80));
        Assert.Equal($"you are {attachment.Addresses[0]}", await pod.AskTcpAsync(NetworkFixture.Gateway, 81));
    }

    [Fact]
    public async Task Attach_TrafficToTheOutside_ComesFromTheHost()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync("a");
        using var tcp = fixture.Outside.ServeTcp(80);
        using var udp = fixture.Outside.ServeUdp(53);

        // The outside has no route to the pods: an answer proves the translation in both directions.
        Assert.Equal($"you are {NetworkFixture.HostAddress}", await pod.AskTcpAsync(NetworkFixture.OutsideAddress, 80));
        Assert.Equal($"{NetworkFixture.HostAddress} said hello", await pod.AskUdpAsync(NetworkFixture.OutsideAddress, 53, "hello"));
    }

    [Fact]
    public async Task Attach_Sandbox_GetsTheDescribedInterface()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync(options => options with { Mtu = 1400 });
        (PrivateNamespace pod, NetworkAttachment attachment) = await fixture.AttachAsync("sandbox-1");

        LinkRecord inside = pod.Route(socket => socket.FindLink(attachment.Interface))!;
        Assert.True(inside.IsUp);
        Assert.Equal(1400, inside.Mtu);
        Assert.Equal("veth", inside.Kind);
        Assert.True(pod.Route(socket => socket.FindLink("lo"))!.IsUp);
        Assert.Contains(pod.Route(socket => socket.ListAddresses()), a => a.Address.Equals(attachment.Addresses[0]) && a.PrefixLength == 16);
        Assert.Equal("eth0", pod.Route(socket => socket.FindDefaultRouteLink())!.Name);
        LinkRecord outside = fixture.Host.Route(socket => socket.FindLink(attachment.HostInterface))!;
        Assert.Equal("podagent:sandbox-1", outside.Alias);
        Assert.True(outside.IsUp);
        Assert.Equal(fixture.Host.Route(socket => socket.FindLink("podtest0"))!.Index, outside.Master);
        Assert.Equal(attachment, fixture.Network.Find("sandbox-1"));
    }

    [Fact]
    public async Task Attach_PodsComeAndGo_BridgeKeepsItsHardwareAddress()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        byte[] before = fixture.Host.Route(socket => socket.FindLink("podtest0"))!.HardwareAddress;

        await fixture.AttachAsync("a");
        await fixture.AttachAsync("b");
        await fixture.Network.DetachAsync("a", CancellationToken.None);

        Assert.Equal(before, fixture.Host.Route(socket => socket.FindLink("podtest0"))!.HardwareAddress);
    }

    [Fact]
    public async Task Open_RouteLocalnet_StaysOff()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        await fixture.AttachAsync("a", new PortMapping(TransportProtocol.Tcp, null, 8080, 80));

        string[] values = fixture.Host.Run(() => Directory.GetDirectories("/proc/sys/net/ipv4/conf")
            .Select(directory => File.ReadAllText(Path.Combine(directory, "route_localnet")).Trim()).ToArray());
        Assert.All(values, value => Assert.Equal("0", value));
    }

    [Fact]
    public async Task Open_LoopbackAddressFromPod_IsDroppedEvenWhereTheHostRoutesIt()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync("a");
        using var server = fixture.Host.ServeTcp(99);
        // The state that other software may leave a host in, and a pod that has the right to configure itself.
        fixture.Host.Run(() => File.WriteAllText("/proc/sys/net/ipv4/conf/all/route_localnet", "1"));
        pod.Run(() => File.WriteAllText("/proc/sys/net/ipv4/conf/all/route_localnet", "1"));
        pod.Configure(batch => batch.DeleteAddress(1, IPAddress.Loopback, 8));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pod.AskTcpAsync("127.0.0.1", 99).WaitAsync(new CancellationTokenSource(500).Token));
    }

    [Fact]
    public async Task Attach_RouterAdvertisements_AreIgnoredByHostAndPod()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync("a");

        Assert.Equal("0", fixture.Host.Run(() => File.ReadAllText("/proc/sys/net/ipv6/conf/podtest0/accept_ra").Trim()));
        Assert.Equal("0", pod.Run(() => File.ReadAllText("/proc/sys/net/ipv6/conf/eth0/accept_ra").Trim()));
    }

    [Fact]
    public async Task Open_SubnetOfTheHost_IsRefused()
    {
        AgentException refusal = await Assert.ThrowsAsync<AgentException>(
            () => NetworkFixture.StartAsync(options => options with { Subnet = IPNetwork.Parse("192.0.0.0/16") }));

        Assert.Equal(ErrorKind.FailedPrecondition, refusal.Kind);
        Assert.Contains("subnet 192.0.0.0/16 overlaps 192.0.2.1/24 of interface \"uplink\"", refusal.Message);
    }

    [Fact]
    public async Task Open_NameOfAnotherInterface_IsRefused()
    {
        AgentException refusal = await Assert.ThrowsAsync<AgentException>(
            () => NetworkFixture.StartAsync(options => options with { BridgeName = "uplink" }));

        Assert.Equal("cannot set up the pod network: interface \"uplink\" exists and is not a bridge", refusal.Message);
    }

    [Fact]
    public void LoopbackInterface_Up_SetsItUp()
    {
        using var pod = new PrivateNamespace();
        Assert.False(pod.Route(socket => socket.FindLink("lo"))!.IsUp);

        LoopbackInterface.Up(pod.Fd);

        Assert.True(pod.Route(socket => socket.FindLink("lo"))!.IsUp);
        // The machine's own interfaces are what they were: the calling thread never left its namespace.
        Assert.Contains(NetworkInterface.GetAllNetworkInterfaces(), nic => nic.NetworkInterfaceType == NetworkInterfaceType.Loopback);
    }
}
