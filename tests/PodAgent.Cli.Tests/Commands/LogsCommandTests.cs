using PodAgent.Cli.Commands;

namespace PodAgent.Cli.Tests.Commands;

public class LogsCommandTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 10, 0, TimeSpan.Zero);

    [Fact]
    public void Since_Neither_IsEverything() => Assert.Null(LogsCommand.Since(null, null, s_now));

    [Fact]
    public void Since_Duration_CountsBackFromNow() =>
        Assert.Equal(s_now.AddMinutes(-2).ToUnixTimeMilliseconds() * 1_000_000, LogsCommand.Since("2m", null, s_now));

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", 0)]
    [InlineData("2026-01-01T01:00:00+01:00", 0)]
    [InlineData("2026-01-01T00:00:00.5Z", 500)]
    public void Since_Time_IsThatMoment(string time, int milliseconds) =>
        Assert.Equal((s_now.AddMinutes(-10).ToUnixTimeMilliseconds() + milliseconds) * 1_000_000, LogsCommand.Since(null, time, s_now));

    [Fact]
    public void Since_Both_IsRefused() => Assert.Throws<CliException>(() => LogsCommand.Since("1m", "2026-01-01T00:00:00Z", s_now));

    [Fact]
    public void Since_TimeThatIsNone_IsNamed() =>
        Assert.Contains("\"yesterday\"", Assert.Throws<CliException>(() => LogsCommand.Since(null, "yesterday", s_now)).Message, StringComparison.Ordinal);
}
