using System.Net;

namespace PodAgent.Network.Tests;

public sealed class HostsFileTests
{
    private const string Fixed = HostsFile.Marker + "\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
        + "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";

    [Fact]
    public void Render_PlainPod_HasItsAddressAndName() => Assert.Equal(
        Fixed + "10.88.0.9\tweb\n", HostsFile.Render([IPAddress.Parse("10.88.0.9")], "web", null, []));

    [Fact]
    public void Render_DomainAndTwoAddresses_NamesBoth() => Assert.Equal(
        Fixed + "10.88.0.9\tweb.sub.ns.svc.cluster.local\tweb\nfd00::9\tweb.sub.ns.svc.cluster.local\tweb\n",
        HostsFile.Render([IPAddress.Parse("10.88.0.9"), IPAddress.Parse("fd00::9")], "web", "sub.ns.svc.cluster.local", []));

    [Fact]
    public void Render_Aliases_AreABlockOfTheirOwn() => Assert.Equal(
        Fixed + "10.88.0.9\tweb\n\n# From hostAliases of the pod:\n192.0.2.1\tfoo\tbar\n::2\tbaz\n",
        HostsFile.Render(
            [IPAddress.Parse("10.88.0.9")],
            "web",
            "",
            [new HostAlias(IPAddress.Parse("192.0.2.1"), ["foo", "bar"]), new HostAlias(IPAddress.Parse("::2"), ["baz"])]));

    [Theory]
    [InlineData("127.0.0.1 localhost", "127.0.0.1 localhost\n")]
    [InlineData("127.0.0.1 localhost\n", "127.0.0.1 localhost\n")]
    [InlineData("", "")]
    public void RenderForHostNetwork_HostFile_IsCopied(string host, string expected)
    {
        Assert.Equal(HostsFile.Marker + "\n" + expected, HostsFile.RenderForHostNetwork(host, []));
        Assert.EndsWith(
            expected + "\n# From hostAliases of the pod:\n192.0.2.1\tfoo\n",
            HostsFile.RenderForHostNetwork(host, [new HostAlias(IPAddress.Parse("192.0.2.1"), ["foo"])]));
    }
}
