namespace PodAgent.Cli.Output;

/// <summary>Durations with as much precision as a person wants: 12s, 3m4s, 47m, 5h12m, 3d4h, 2y11d.</summary>
internal static class Age
{
    public static string Format(TimeSpan span)
    {
        long seconds = (long)span.TotalSeconds;
        long minutes = seconds / 60;
        long hours = minutes / 60;
        long days = hours / 24;
        return seconds switch
        {
            < -1 => "<invalid>",
            < 0 => "0s",
            < 120 => $"{seconds}s",
            < 600 => Pair(minutes, "m", seconds % 60, "s"),
            < 3 * 3600 => $"{minutes}m",
            < 8 * 3600 => Pair(hours, "h", minutes % 60, "m"),
            < 48 * 3600 => $"{hours}h",
            < 8 * 86400 => Pair(days, "d", hours % 24, "h"),
            < 2 * 365 * 86400 => $"{days}d",
            < 8L * 365 * 86400 => Pair(days / 365, "y", days % 365, "d"),
            _ => $"{days / 365}y",
        };
    }

    /// <summary>The age of a moment; "&lt;unknown&gt;" when it is not known.</summary>
    public static string Since(Api.Meta.Time? moment, DateTimeOffset now) =>
        moment is null ? "<unknown>" : Format(now - DateTimeOffset.FromUnixTimeSeconds(moment.Seconds));

    private static string Pair(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{large}{largeUnit}" : $"{large}{largeUnit}{small}{smallUnit}";
}
