using System.Text;
using PodAgent.Cli.Commands;

namespace PodAgent.Cli.Tests.Commands;

public class LinePrefixTests
{
    [Theory]
    [InlineData("one\ntwo\n", "> one\n> two\n")]
    [InlineData("o|ne\nt|wo\n", "> one\n> two\n")]
    [InlineData("one\n|two", "> one\n> two")]
    [InlineData("\n\n", "> \n> \n")]
    [InlineData("|one\n", "> one\n")]
    public void Apply_LinesInPieces_StartsEachLineOnce(string pieces, string expected)
    {
        var prefix = new LinePrefix("> ");

        IEnumerable<string> result = pieces.Split('|').Select(piece => Encoding.UTF8.GetString(prefix.Apply(Encoding.UTF8.GetBytes(piece)).Span));

        Assert.Equal(expected, string.Concat(result));
    }

    [Fact]
    public void Apply_WithoutPrefix_HandsThePieceOn()
    {
        ReadOnlyMemory<byte> piece = new byte[] { 1, (byte)'\n', 255 };

        Assert.True(piece.Equals(new LinePrefix("").Apply(piece)));
    }
}
