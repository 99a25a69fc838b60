using System.Globalization;

namespace PodAgent.Configuration;

/// <summary>Durations as Kubernetes writes them in configuration files: <c>90s</c>, <c>2m</c>, <c>1m30s</c>.</summary>
internal static class DurationText
{
    private static readonly (string Unit, TimeSpan Length)[] s_units =
    [
        // Before m, which it begins with.
        ("ms", TimeSpan.FromMilliseconds(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)),
    ];

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text.IsEmpty)
        {
            return false;
        }

        while (!text.IsEmpty)
        {
            int digits = text.IndexOfAnyExceptInRange('0', '9');
            // Nine digits of hours are within what a TimeSpan holds.
            if (digits is < 1 or > 9 || !TryTakeUnit(text[digits..], out string unit, out TimeSpan length))
            {
                return false;
            }

            duration += long.Parse(text[..digits], CultureInfo.InvariantCulture) * length;
            text = text[(digits + unit.Length)..];
        }

        return true;
    }

    private static bool TryTakeUnit(ReadOnlySpan<char> text, out string unit, out TimeSpan length)
    {
        foreach ((string name, TimeSpan value) in s_units)
        {
            if (text.StartsWith(name, StringComparison.Ordinal))
            {
                (unit, length) = (name, value);
                return true;
            }
        }

        (unit, length) = ("", TimeSpan.Zero);
        return false;
    }
}
