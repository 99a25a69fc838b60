using System.Net;
using PodAgent.Linux;
using PodAgent.Network.HostPorts;

namespace PodAgent.Network.Tests.HostPorts;

// SCTP ports are reserved in the table alone: no socket of the machine takes part.
public sealed class HostPortTableTests : IDisposable
{
    private readonly HostPortTable _table = new(new HostSockets(null), TimeProvider.System);

    public void Dispose() => _table.Dispose();

    [Fact]
    public void Reserve_PortOfAnotherSandbox_NamesTheHolder()
    {
        _table.Reserve(Attachment("a", Sctp("", 1000)));

        AgentException refusal = Assert.Throws<AgentException>(() => _table.Reserve(Attachment("b", Sctp("192.0.2.1", 1000))));

        Assert.Equal(ErrorKind.AlreadyExists, refusal.Kind);
        Assert.Equal("host port 192.0.2.1:1000/SCTP is taken by sandbox \"a\"", refusal.Message);
        Assert.False(_table.IsHeld("b"));
    }

    [Fact]
    public void Reserve_SamePortTwiceInOneSandbox_IsRefused()
    {
        AgentException refusal = Assert.Throws<AgentException>(() => _table.Reserve(Attachment("a", Sctp("", 1000), Sctp("192.0.2.1", 1000))));

        Assert.Equal(ErrorKind.InvalidArgument, refusal.Kind);
    }

    [Fact]
    public void Reserve_DifferentAddresses_BothHold()
    {
        _table.Reserve(Attachment("a", Sctp("192.0.2.1", 1000)));
        _table.Reserve(Attachment("b", Sctp("192.0.2.2", 1000)));

        Assert.True(_table.IsHeld("a"));
        Assert.True(_table.IsHeld("b"));
    }

    [Fact]
    public void Claim_OfAFormerProcess_KeepsOthersAwayUntilItIsReserved()
    {
        NetworkAttachment former = Attachment("a", Sctp("", 1000));
        _table.Claim(former);

        Assert.False(_table.IsHeld("a"));
        Assert.Throws<AgentException>(() => _table.Reserve(Attachment("b", Sctp("", 1000))));
        _table.Reserve(former);
        Assert.True(_table.IsHeld("a"));
    }

    [Fact]
    public void Release_Port_IsFree()
    {
        _table.Reserve(Attachment("a", Sctp("", 1000)));
        _table.Release("a");
        _table.Release("a");

        _table.Reserve(Attachment("b", Sctp("", 1000)));

        Assert.True(_table.IsHeld("b"));
    }

    private static PortMapping Sctp(string address, int port) => PortMapping.Create(TransportProtocol.Sctp, address, port, 9);

    private static NetworkAttachment Attachment(string id, params PortMapping[] ports) =>
        new(id, "eth0", [IPAddress.Parse("10.88.0.9")], IPAddress.Parse("10.88.0.1"), "pa0", ports);
}
