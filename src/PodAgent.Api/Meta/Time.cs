using PodAgent.Api.Json;

namespace PodAgent.Api.Meta;

/// <summary>A point in time, in seconds.</summary>
public sealed partial class Time
{
    /// <summary>A Kubernetes time; it keeps whole seconds, what is below is cut off.</summary>
    /// <param name="time">Any time from year 1 on.</param>
    public static Time From(DateTimeOffset time) => new() { Seconds = time.ToUnixTimeSeconds(), Nanos = 0 };

    /// <summary>The time in UTC. A time without content is the Unix epoch: ask <see cref="HasSeconds"/> first.</summary>
    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromUnixTimeSeconds(Seconds);

    /// <summary>For example <c>2026-01-02T15:04:05Z</c>.</summary>
    public string ToRfc3339() => Rfc3339.Seconds(ToDateTimeOffset());
}
