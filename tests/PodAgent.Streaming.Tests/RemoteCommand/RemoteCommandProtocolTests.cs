using PodAgent.Streaming.RemoteCommand;

namespace PodAgent.Streaming.Tests.RemoteCommand;

public sealed class RemoteCommandProtocolTests
{
    [Theory]
    [InlineData("v5.channel.k8s.io v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io", "v4.channel.k8s.io", 4)]
    [InlineData("v5.channel.k8s.io", "v5.channel.k8s.io", 5)]
    [InlineData("channel.k8s.io v2.channel.k8s.io", "v2.channel.k8s.io", 2)]
    [InlineData("", "", 1)]
    [InlineData("v9.channel.k8s.io", null, 0)]
    public void ForSpdy_Offer_IsTheBestOfBoth(string offered, string? chosen, int version)
    {
        RemoteCommandProtocol? protocol = RemoteCommandProtocol.ForSpdy(offered.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((chosen, version), (protocol?.Name, protocol?.Version ?? 0));
    }

    [Theory]
    [InlineData("v5.channel.k8s.io", 5, false)]
    [InlineData("other v4.base64.channel.k8s.io v4.channel.k8s.io", 4, true)]
    [InlineData("base64.channel.k8s.io", 1, true)]
    [InlineData("", 1, false)]
    public void ForWebSocket_Offer_IsTheClientsFirst(string offered, int version, bool isBase64)
    {
        RemoteCommandProtocol? protocol = RemoteCommandProtocol.ForWebSocket(offered.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((version, isBase64), (protocol!.Version, protocol.IsBase64));
    }
}
