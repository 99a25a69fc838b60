using PodAgent.Api.Json;

namespace PodAgent.Api.Meta;

/// <summary>A point in time, in microseconds.</summary>
public sealed partial class MicroTime
{
    private const int NanosPerMicro = 1000;

    /// <summary>A Kubernetes time in microseconds; what is below is cut off.</summary>
    /// <param name="time">Any time from year 1 on.</param>
    public static MicroTime From(DateTimeOffset time)
    {
        long seconds = time.ToUnixTimeSeconds();
        long micros = (time - DateTimeOffset.FromUnixTimeSeconds(seconds)).Ticks / TimeSpan.TicksPerMicrosecond;
        return new MicroTime { Seconds = seconds, Nanos = (int)micros * NanosPerMicro };
    }

    /// <summary>The time in UTC. A time without content is the Unix epoch: ask <see cref="HasSeconds"/> first.</summary>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.FromUnixTimeSeconds(Seconds).AddTicks(Nanos / NanosPerMicro * TimeSpan.TicksPerMicrosecond);

    /// <summary>For example <c>2026-01-02T15:04:05.000001Z</c>.</summary>
    public string ToRfc3339() => Rfc3339.Micros(ToDateTimeOffset());
}
