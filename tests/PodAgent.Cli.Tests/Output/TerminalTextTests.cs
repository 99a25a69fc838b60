using PodAgent.Cli.Output;

namespace PodAgent.Cli.Tests.Output;

public class TerminalTextTests
{
    [Theory]
    [InlineData("plain, ünïcode, 日本", "plain, ünïcode, 日本")]
    [InlineData("two\nlines\tand a tab", "two\nlines\tand a tab")]
    [InlineData("\u001b]0;title\u0007", "^[]0;title^G")]
    [InlineData("over\rwritten\b\u007f\0", "over^Mwritten^H^?^@")]
    [InlineData("\u009b2J", "\\u009b2J")]
    public void Visible_Text_HasNoEscapeSequences(string text, string expected) => Assert.Equal(expected, TerminalText.Visible(text));

    [Fact]
    public void OneLine_Text_HasNoLinesAndTabs() => Assert.Equal("a b c d^[", TerminalText.OneLine("a\r\nb\nc\td\u001b"));
}
