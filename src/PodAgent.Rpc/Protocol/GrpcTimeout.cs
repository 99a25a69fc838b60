using System.Globalization;

namespace PodAgent.Rpc.Protocol;

/// <summary>The <c>grpc-timeout</c> header: one to eight digits and a unit (H, M, S, m, u, n).</summary>
internal static class GrpcTimeout
{
    private const int MaxDigits = 8;
    private const long MaxValue = 99_999_999;
    private const long NanosecondsPerTick = 100;

    internal static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > MaxDigits + 1)
        {
            return false;
        }

        // NumberStyles.None refuses signs, blanks and separators, all of which the grammar does not know.
        if (!int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int value))
        {
            return false;
        }

        long? ticks = text[^1] switch
        {
            'H' => value * TimeSpan.TicksPerHour,
            'M' => value * TimeSpan.TicksPerMinute,
            'S' => value * TimeSpan.TicksPerSecond,
            'm' => value * TimeSpan.TicksPerMillisecond,
            'u' => value * TimeSpan.TicksPerMicrosecond,
            // A tick is 100 ns: round up, so that a short timeout does not become none.
            'n' => (value + NanosecondsPerTick - 1) / NanosecondsPerTick,
            _ => null,
        };
        timeout = new TimeSpan(ticks ?? 0);
        return ticks is not null;
    }

    /// <summary>The shortest exact form, else rounded up to the finest unit that fits eight digits.</summary>
    internal static string Format(TimeSpan timeout)
    {
        long ticks = timeout.Ticks;
        if (ticks <= 0)
        {
            // Zero is legal, but some servers refuse it.
            return "1n";
        }

        if (ticks <= MaxValue / NanosecondsPerTick)
        {
            return Text(ticks * NanosecondsPerTick, 'n');
        }

        ReadOnlySpan<(long Unit, char Name)> units =
        [
            (TimeSpan.TicksPerMicrosecond, 'u'),
            (TimeSpan.TicksPerMillisecond, 'm'),
            (TimeSpan.TicksPerSecond, 'S'),
            (TimeSpan.TicksPerMinute, 'M'),
            (TimeSpan.TicksPerHour, 'H'),
        ];
        foreach ((long unit, char name) in units)
        {
            long value = (ticks / unit) + (ticks % unit == 0 ? 0 : 1);
            if (value <= MaxValue)
            {
                return Text(value, name);
            }
        }

        // Eleven thousand years, which no clock here reaches.
        return Text(MaxValue, 'H');
    }

    private static string Text(long value, char unit) => string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
}
