using System.Net;
using PodAgent.Network.HostPorts;

namespace PodAgent.Network.Tests.HostPorts;

public sealed class PortHolderTests
{
    private static readonly string[] s_tcp =
    [
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
        "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0",
        "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0",
        "   2: 0100007F:1F91 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0",
        "   3: 010200C0:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 444 1 0 100 0 0 10 0",
    ];

    [Theory]
    [InlineData("0.0.0.0", 8080, "111,444")]
    [InlineData("127.0.0.1", 8080, "111")]
    [InlineData("192.0.2.1", 8080, "444")]
    [InlineData("192.0.2.1", 80, "222")]
    [InlineData("0.0.0.0", 8081, "")]
    public void ReadInodes_Tcp_FindsListenersOfTheAddress(string address, int port, string expected) => Assert.Equal(
        expected, string.Join(',', PortHolder.ReadInodes(s_tcp, TransportProtocol.Tcp, IPAddress.Parse(address), port)));

    [Fact]
    public void ReadInodes_Tcp6_ReadsAddressesInTheMachinesOrder()
    {
        string[] lines =
        [
            s_tcp[0],
            "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 555 1",
        ];

        Assert.Equal(["555"], PortHolder.ReadInodes(lines, TransportProtocol.Tcp, IPAddress.IPv6Loopback, 8080));
        Assert.Empty(PortHolder.ReadInodes(lines, TransportProtocol.Tcp, IPAddress.Parse("2001:db8::1"), 8080));
    }

    [Fact]
    public void ReadInodes_Udp_NeedsNoState()
    {
        string[] lines = [s_tcp[0], "  77: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 666 2 0 0"];

        Assert.Equal(["666"], PortHolder.ReadInodes(lines, TransportProtocol.Udp, IPAddress.Loopback, 53));
    }
}
