namespace PodAgent.Pods;

/// <summary>Between the clock's time, the API's (seconds) and CRI's (Unix nanoseconds).</summary>
internal static class KubernetesTime
{
    public static Meta.Time ToTime(this DateTimeOffset time) => new() { Seconds = time.ToUnixTimeSeconds() };

    public static Meta.MicroTime ToMicroTime(this DateTimeOffset time) =>
        new() { Seconds = time.ToUnixTimeSeconds(), Nanos = (int)(time.UtcTicks % TimeSpan.TicksPerSecond / 10 * 1000) };

    public static DateTimeOffset ToDateTimeOffset(this Meta.Time time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.Seconds).AddTicks(time.Nanos / 100);

    public static DateTimeOffset FromUnixNanoseconds(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);

    public static long ToUnixNanoseconds(this DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100;

    /// <summary>CRI writes "not yet" as 0.</summary>
    public static DateTimeOffset? FromUnixNanosecondsOrNull(long nanoseconds) => nanoseconds <= 0 ? null : FromUnixNanoseconds(nanoseconds);
}
