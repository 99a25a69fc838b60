using System.Net;
using PodAgent.Network.Links;

namespace PodAgent.Network.Tests.Links;

public sealed class HostLinksTests
{
    [Fact]
    public void VethName_AnyId_FitsAnInterfaceNameAndDiffers()
    {
        string first = HostLinks.VethName(new string('a', 64));
        string second = HostLinks.VethName(new string('a', 63) + "b");

        Assert.Equal(14, first.Length);
        Assert.NotEqual(first, second);
        Assert.Equal(first, HostLinks.VethName(new string('a', 64)));
    }

    [Fact]
    public void HardwareAddress_OfAnAddress_IsLocalUnicast()
    {
        byte[] address = HostLinks.HardwareAddress(IPAddress.Parse("10.88.1.2"));

        Assert.Equal([0x02, 0x50, 10, 88, 1, 2], address);
    }
}
