using System.Net;
using FsCheck;
using FsCheck.Fluent;
using PodAgent.Linux;

namespace PodAgent.Network.Tests;

public sealed class PortMappingTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "192.0.2.1", true)]
    [InlineData("0.0.0.0", "192.0.2.1", true)]
    [InlineData("", "127.0.0.1", true)]
    [InlineData("", "2001:db8::1", true)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("127.0.0.1", "192.0.2.1", false)]
    [InlineData("::", "2001:db8::1", true)]
    [InlineData("::", "192.0.2.1", false)]
    [InlineData("::", "", true)]
    public void Overlaps_SamePort_DependsOnTheAddress(string first, string second, bool expected)
    {
        PortMapping a = PortMapping.Create(TransportProtocol.Tcp, first, 80, 1);
        PortMapping b = PortMapping.Create(TransportProtocol.Tcp, second, 80, 2);

        Assert.Equal(expected, a.Overlaps(b));
        Assert.Equal(expected, b.Overlaps(a));
    }

    [Fact]
    public void Overlaps_OtherPortOrProtocol_IsNoConflict()
    {
        var mapping = new PortMapping(TransportProtocol.Tcp, null, 80, 1);

        Assert.False(mapping.Overlaps(mapping with { HostPort = 81 }));
        Assert.False(mapping.Overlaps(mapping with { Protocol = TransportProtocol.Udp }));
        Assert.True(mapping.Overlaps(mapping with { ContainerPort = 2 }));
    }

    [Fact]
    public void Overlaps_AnyTwo_IsSymmetricAndReflexive()
    {
        Gen<PortMapping> mappings =
            from address in Gen.Elements("", "0.0.0.0", "::", "::1", "127.0.0.1", "192.0.2.1", "2001:db8::1")
            from port in Gen.Choose(1, 2)
            from protocol in Gen.Elements(TransportProtocol.Tcp, TransportProtocol.Udp, TransportProtocol.Sctp)
            select PortMapping.Create(protocol, address, port, 1);

        Prop.ForAll(mappings.Two().ToArbitrary(), pair =>
            pair.Item1.Overlaps(pair.Item2) == pair.Item2.Overlaps(pair.Item1) && pair.Item1.Overlaps(pair.Item1)).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("", "8080/TCP")]
    [InlineData("192.0.2.1", "192.0.2.1:8080/TCP")]
    [InlineData("2001:db8::1", "[2001:db8::1]:8080/TCP")]
    public void Describe_Mapping_IsWhatPeopleWrite(string address, string expected) =>
        Assert.Equal(expected, PortMapping.Create(TransportProtocol.Tcp, address, 8080, 80).Describe());

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("localhost")]
    [InlineData("1.2.3.4 }; flush ruleset")]
    public void Create_NoAddress_IsRefused(string address)
    {
        AgentException refusal = Assert.Throws<AgentException>(() => PortMapping.Create(TransportProtocol.Tcp, address, 8080, 80));

        Assert.Equal(ErrorKind.InvalidArgument, refusal.Kind);
        Assert.Equal($"cannot publish host port 8080: host address \"{address}\" is not an IP address", refusal.Message);
    }

    [Fact]
    public void Create_AllAddresses_HasNoAddress() =>
        Assert.Null(PortMapping.Create(TransportProtocol.Tcp, IPAddress.Any.ToString(), 1, 1).HostIp);
}
