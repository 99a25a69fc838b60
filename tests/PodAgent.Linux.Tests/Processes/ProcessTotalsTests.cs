using System.Net.Sockets;
using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Tests.Processes;

public sealed class ProcessTotalsTests
{
    [Fact]
    public void Of_OwnProcessAndOneThatIsGone_CountsTheOne()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        ProcessTotals totals = ProcessTotals.Of([Environment.ProcessId, int.MaxValue]);
        Assert.Equal(1u, totals.Processes);
        Assert.True(totals.Threads > 1);
        Assert.True(totals.Sockets >= 1 && totals.Descriptors > totals.Sockets, totals.ToString());
    }
}
