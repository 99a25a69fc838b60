using PodAgent.Cli.Doctor;

namespace PodAgent.Cli.Tests.Doctor;

public class RouteTableTests
{
    [Fact]
    public void Read_TheKernelsText_GivesNetworks()
    {
        const string text =
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
            + "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
            + "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
            + "podagent0\t0000580A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";

        Assert.Equal(
            ["eth0 0.0.0.0/0", "eth0 172.17.0.0/16", "podagent0 10.88.0.0/16"],
            RouteTable.Read(text).Select(route => $"{route.Interface} {route.Network}"));
    }
}
