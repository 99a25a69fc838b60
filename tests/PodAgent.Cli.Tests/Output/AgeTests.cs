using PodAgent.Api.Meta;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Tests.Output;

public class AgeTests
{
    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(184, "3m4s")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData((3 * 3600) - 1, "179m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData((5 * 3600) + (12 * 60), "5h12m")]
    [InlineData(8 * 3600, "8h")]
    [InlineData((48 * 3600) - 1, "47h")]
    [InlineData(48 * 3600, "2d")]
    [InlineData((3 * 86400) + (4 * 3600), "3d4h")]
    [InlineData(8 * 86400, "8d")]
    [InlineData((2 * 365 * 86400) - 1, "729d")]
    [InlineData(((2 * 365) + 11) * 86400, "2y11d")]
    [InlineData(8 * 365 * 86400, "8y")]
    public void Format_OfSeconds_HasThePrecisionThatKubectlShows(int seconds, string expected) =>
        Assert.Equal(expected, Age.Format(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Format_OfAClockThatIsAheadByLessThanTwoSeconds_IsNow() => Assert.Equal("0s", Age.Format(TimeSpan.FromSeconds(-1.5)));

    [Fact]
    public void Since_WithoutMoment_IsUnknown() => Assert.Equal("<unknown>", Age.Since(null, DateTimeOffset.UnixEpoch));

    [Fact]
    public void Since_Moment_IsTheTimeBetween() =>
        Assert.Equal("90s", Age.Since(new Time { Seconds = 1000 }, DateTimeOffset.FromUnixTimeSeconds(1090)));
}
