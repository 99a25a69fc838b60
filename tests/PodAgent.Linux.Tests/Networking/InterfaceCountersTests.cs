using PodAgent.Linux.Networking;

namespace PodAgent.Linux.Tests.Networking;

public sealed class InterfaceCountersTests
{
    [Fact]
    public void Parse_KernelsTable_ReadsEachInterface()
    {
        const string Table = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
              eth0: 12345678901  10    1    2    3     4          5         6      200      20    7    8    0     0       0          0
            """;
        Assert.Equal(
            [new InterfaceCounters("lo", 100, 2, 0, 0, 100, 2, 0, 0), new InterfaceCounters("eth0", 12345678901, 10, 1, 2, 200, 20, 7, 8)],
            InterfaceCounters.Parse(Table));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb\nno numbers here")]
    [InlineData("a\nb\neth0: 1 2 3")]
    public void Parse_SomethingElse_IsEmpty(string text) => Assert.Empty(InterfaceCounters.Parse(text));

    [Fact]
    public void Read_OwnProcess_HasLoopback() =>
        Assert.Contains(InterfaceCounters.Read(Environment.ProcessId), counters => counters.Name == "lo");

    [Fact]
    public void Read_NoSuchProcess_IsEmpty() => Assert.Empty(InterfaceCounters.Read(int.MaxValue));
}
