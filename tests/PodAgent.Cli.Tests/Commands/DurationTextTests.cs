using PodAgent.Cli.Commands;

namespace PodAgent.Cli.Tests.Commands;

public class DurationTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5h", 5400)]
    [InlineData("250ms", 0.25)]
    [InlineData("1m250ms", 60.25)]
    public void Parse_GoDuration_IsThatLong(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), DurationText.Parse("--since", text));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5 m")]
    [InlineData("m")]
    [InlineData("-5s")]
    [InlineData("5d")]
    public void Parse_AnythingElse_NamesTheOptionAndTheText(string text)
    {
        var failure = Assert.Throws<CliException>(() => DurationText.Parse("--since", text));

        Assert.Contains($"--since \"{text}\"", failure.Message, StringComparison.Ordinal);
    }
}
