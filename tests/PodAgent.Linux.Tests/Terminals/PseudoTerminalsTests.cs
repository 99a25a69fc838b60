using System.Text;
using PodAgent.Linux.Files;
using PodAgent.Linux.Terminals;

namespace PodAgent.Linux.Tests.Terminals;

public sealed class PseudoTerminalsTests
{
    [Fact]
    public void Open_Pair_CarriesDataAndSize()
    {
        (Fd leader, Fd follower) = PseudoTerminals.Open();
        using (leader)
        using (follower)
        {
            PseudoTerminals.SetSize(leader, 132, 50);
            Assert.Equal((132, 50), PseudoTerminals.GetSize(follower));

            _ = FileData.TryWrite(follower, "out\n"u8, out _);
            byte[] buffer = new byte[16];
            int length = FileData.TryRead(leader, buffer, out _);
            Assert.Equal("out\r\n", Encoding.ASCII.GetString(buffer, 0, length));
        }
    }
}
