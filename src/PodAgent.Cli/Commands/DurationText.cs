using System.Globalization;
using System.Text.RegularExpressions;

namespace PodAgent.Cli.Commands;

/// <summary>Durations as kubectl takes them: <c>90s</c>, <c>0</c>, <c>1h30m</c>, <c>250ms</c>.</summary>
internal static partial class DurationText
{
    public static TimeSpan Parse(string option, string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        Match match = Pattern().Match(text);
        if (!match.Success || text.Length == 0)
        {
            throw new CliException($"error: {option} \"{text}\" is not a duration such as 30s, 5m or 1h30m");
        }

        double seconds = 0;
        for (int i = 0; i < match.Groups[1].Captures.Count; i++)
        {
            double number = double.Parse(match.Groups[2].Captures[i].Value, CultureInfo.InvariantCulture);
            seconds += number * match.Groups[3].Captures[i].Value switch { "h" => 3600, "m" => 60, "s" => 1, _ => 0.001 };
        }

        return TimeSpan.FromSeconds(seconds);
    }

    [GeneratedRegex(@"^(([0-9]+(?:\.[0-9]+)?)(h|ms|m|s))+$")]
    private static partial Regex Pattern();
}
