namespace PodAgent.Cli.Tests.Support;

/// <summary>A clock that stands, in a time zone two hours east of Greenwich.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(2), "test", "test");

    public override DateTimeOffset GetUtcNow() => now;
}
