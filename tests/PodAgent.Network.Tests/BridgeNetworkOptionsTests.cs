using System.Net;
using PodAgent.Linux;

namespace PodAgent.Network.Tests;

public sealed class BridgeNetworkOptionsTests
{
    [Fact]
    public void Validate_Defaults_Pass()
    {
        var options = new BridgeNetworkOptions();

        options.Validate();

        Assert.Equal("10.88.0.1", options.Gateway.ToString());
    }

    [Fact]
    public void Validate_SeveralProblems_NamesAll()
    {
        var options = new BridgeNetworkOptions
        {
            BridgeName = "a\" drop",
            NftTable = "t { }",
            Subnet = IPNetwork.Parse("10.0.0.0/31"),
            StateDirectory = "run",
            Mtu = 1,
        };

        AgentException refusal = Assert.Throws<AgentException>(options.Validate);

        Assert.Equal(ErrorKind.InvalidArgument, refusal.Kind);
        Assert.Equal(
            "cannot set up the pod network: bridge name \"a\" drop\" is not an interface name; "
            + "nftables table \"t { }\" is not a name of letters, digits and \"_\"; "
            + "subnet 10.0.0.0/31 has no room for a gateway and a pod; MTU 1 is not between 68 and 65535; "
            + "state directory \"run\" is not an absolute path",
            refusal.Message);
    }

    [Theory]
    [InlineData("fd00::/64", "is not IPv4")]
    [InlineData("0.0.0.0/0", "has no room")]
    public void Validate_Subnet_IsRefused(string subnet, string reason) => Assert.Contains(
        reason, Assert.Throws<AgentException>(new BridgeNetworkOptions { Subnet = IPNetwork.Parse(subnet) }.Validate).Message);
}
