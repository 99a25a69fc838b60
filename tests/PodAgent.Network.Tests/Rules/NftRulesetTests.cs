using System.Net;
using PodAgent.Network.Rules;

namespace PodAgent.Network.Tests.Rules;

public sealed class NftRulesetTests
{
    private readonly NftRuleset _ruleset = new(new BridgeNetworkOptions { BridgeName = "br7", NftTable = "mine" });

    [Fact]
    public void Publish_Ports_AreElementsOfTheTwoMaps()
    {
        NetworkAttachment attachment = Attachment(
            PortMapping.Create(TransportProtocol.Tcp, "", 8080, 80), PortMapping.Create(TransportProtocol.Udp, "192.0.2.1", 53, 5353));

        Assert.Equal(
            """
            add element inet mine hostports { 6 . 8080 : 10.88.0.9 . 80 }
            add element inet mine hostports_at { 192.0.2.1 . 17 . 53 : 10.88.0.9 . 5353 }

            """,
            _ruleset.Publish(attachment));
        Assert.Equal(
            """
            delete element inet mine hostports { 6 . 8080 : 10.88.0.9 . 80 }
            delete element inet mine hostports_at { 192.0.2.1 . 17 . 53 : 10.88.0.9 . 5353 }

            """,
            _ruleset.Withdraw(attachment));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("2001:db8::1")]
    public void Publish_LoopbackAndIPv6_AreLeftToTheForwarder(string address) =>
        Assert.Null(_ruleset.Publish(Attachment(PortMapping.Create(TransportProtocol.Tcp, address, 8080, 80))));

    [Fact]
    public void Replace_WithAttachments_HoldsTheirElements()
    {
        string text = _ruleset.Replace([Attachment(PortMapping.Create(TransportProtocol.Tcp, "", 8080, 80))]);

        Assert.Contains("elements = { 6 . 8080 : 10.88.0.9 . 80 }", text);
        Assert.StartsWith("add table inet mine\ndelete table inet mine\ntable inet mine {\n", text);
    }

    [Fact]
    public void Replace_WithoutPorts_HasNoEmptyList() => Assert.DoesNotContain("elements", _ruleset.Replace([Attachment()]));

    private static NetworkAttachment Attachment(params PortMapping[] ports) =>
        new("a", "eth0", [IPAddress.Parse("10.88.0.9")], IPAddress.Parse("10.88.0.1"), "pa0", ports);
}
