using System.Text;
using PodAgent.Streaming.RemoteCommand;

namespace PodAgent.Streaming.Tests.RemoteCommand;

public sealed class TerminalSizeReaderTests
{
    [Fact]
    public void Append_InAnyPieces_FindsEverySize()
    {
        const string text = "{\"Width\":80,\"Height\":24}\n{\"height\":50,\"WIDTH\":132}";
        for (int cut = 0; cut <= text.Length; cut++)
        {
            var reader = new TerminalSizeReader();
            IEnumerable<TerminalDimensions> sizes = [.. reader.Append(Encoding.UTF8.GetBytes(text[..cut])), .. reader.Append(Encoding.UTF8.GetBytes(text[cut..]))];
            Assert.Equal([new TerminalDimensions(80, 24), new TerminalDimensions(132, 50)], sizes);
        }
    }

    [Theory]
    [InlineData("{\"Width\":-1}")]
    [InlineData("{\"Width\":70000}")]
    [InlineData("{\"Width\":\"80\"}")]
    [InlineData("[}")]
    [InlineData("}")]
    public void Append_Nonsense_EndsTheSizes(string nonsense)
    {
        var reader = new TerminalSizeReader();

        Assert.Empty(reader.Append(Encoding.UTF8.GetBytes(nonsense + "{\"Width\":80,\"Height\":24}")));
    }

    [Fact]
    public void Append_Endless_IsNotKept()
    {
        var reader = new TerminalSizeReader();

        Assert.Empty(reader.Append(new byte[1 << 20]));
        Assert.Empty(reader.Append("{\"Width\":80,\"Height\":24}"u8));
    }
}
