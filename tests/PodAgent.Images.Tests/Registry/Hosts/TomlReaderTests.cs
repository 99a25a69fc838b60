using PodAgent.Images.Registry.Hosts;

namespace PodAgent.Images.Tests.Registry.Hosts;

public class TomlReaderTests
{
    [Fact]
    public void Parse_EveryFormInUse_KeepsTheOrder()
    {
        TomlTable root = TomlReader.Parse(
            """
            # a comment
            server = "https://a.example" # another
            n = 1_000
            [host."https://z:5000"]
              capabilities = [ "pull", # here, too
                'resolve', ]
              client = [["a.cert", "a.key"], "b.pem"]
              on = true
              a.b = -1
            [host.'https://b'.header]
              x = ["1", "2"]
            [inline]
              t = { a = "\u00e9\t\"", b = {} }
            """);

        Assert.Equal("https://a.example", root.Find("server"));
        Assert.Equal(1000L, root.Find("n"));
        var host = Assert.IsType<TomlTable>(root.Find("host"));
        Assert.Equal(["https://z:5000", "https://b"], host.Entries.Select(entry => entry.Key));
        var first = Assert.IsType<TomlTable>(host.Entries[0].Value);
        Assert.Equal(["pull", "resolve"], Assert.IsType<List<object>>(first.Find("capabilities")));
        Assert.Equal(["a.cert", "a.key"], Assert.IsType<List<object>>(Assert.IsType<List<object>>(first.Find("client"))[0]));
        Assert.Equal(true, first.Find("on"));
        Assert.Equal(-1L, Assert.IsType<TomlTable>(first.Find("a")).Find("b"));
        var inline = Assert.IsType<TomlTable>(Assert.IsType<TomlTable>(root.Find("inline")).Find("t"));
        Assert.Equal("é\t\"", inline.Find("a"));
    }

    [Theory]
    [InlineData("a = 1\na = 2", 2, "\"a\" is there twice")]
    [InlineData("[a]\n[a]", 2, "the table is there twice")]
    [InlineData("a = 1\n[a]", 2, "\"a\" is no table")]
    [InlineData("\n\na", 3, "'=' is expected")]
    [InlineData("a = \"x", 1, "a string does not end")]
    [InlineData("a = \"x\ny\"", 1, "a string does not end")]
    [InlineData("a = \"\"\"x\"\"\"", 1, "multi-line strings are not supported")]
    [InlineData("[[a]]", 1, "arrays of tables are not supported")]
    [InlineData("a = 1.5", 1, "\"1.5\" is no string in quotes, whole number, true or false")]
    [InlineData("a = 1979-05-27", 1, "\"1979-05-27\" is no string in quotes, whole number, true or false")]
    [InlineData("a = yes", 1, "\"yes\" is no string in quotes, whole number, true or false")]
    [InlineData("a = ", 1, "a value is expected")]
    [InlineData("a = 1 b = 2", 1, "the end of the line is expected")]
    [InlineData("a = [1 2]", 1, "',' or ']' is expected")]
    [InlineData("a = [1", 1, "',' or ']' is expected")]
    [InlineData("a = \"\\q\"", 1, "unknown escape \"\\q\"")]
    [InlineData("a = \"\\ud800\"", 1, "a malformed \\u escape")]
    [InlineData("= 1", 1, "a key is expected")]
    public void Parse_Malformed_NamesTheLine(string text, int line, string problem)
    {
        var failure = Assert.Throws<TomlException>(() => TomlReader.Parse(text));

        Assert.Equal((line, problem), (failure.Line, failure.Message));
    }

    [Fact]
    public void Parse_DeepNesting_IsRefused() => Assert.Throws<TomlException>(() => TomlReader.Parse("a = " + new string('[', 100_000)));
}
