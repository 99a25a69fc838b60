namespace PodAgent.Cri;

/// <summary>CRI's clock: nanoseconds since 1970.</summary>
internal static class UnixTime
{
    public static long Nanoseconds(this TimeProvider time) =>
        (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
