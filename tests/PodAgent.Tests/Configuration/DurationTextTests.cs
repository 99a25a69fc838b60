using PodAgent.Configuration;

namespace PodAgent.Tests.Configuration;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("90s", 90_000)]
    [InlineData("2m", 120_000)]
    [InlineData("1h2m3s4ms", 3_723_004)]
    [InlineData("0s", 0)]
    [InlineData("250ms", 250)]
    public void TryParse_Duration_IsItsSum(string text, long milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out TimeSpan duration));
        Assert.Equal(milliseconds, (long)duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("m")]
    [InlineData("-1s")]
    [InlineData("1.5s")]
    [InlineData("2 m")]
    [InlineData("1234567890h")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(DurationText.TryParse(text, out _));
}
