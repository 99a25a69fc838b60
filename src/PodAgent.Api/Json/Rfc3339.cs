using System.Globalization;

namespace PodAgent.Api.Json;

/// <summary>RFC 3339 times as Kubernetes writes them: UTC, "Z".</summary>
internal static class Rfc3339
{
    private static readonly string[] s_formats =
    [
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;

        // K also matches nothing, but a time without an offset is not RFC 3339.
        bool offset = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        if (!offset || !DateTimeOffset.TryParseExact(Trim(text), s_formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out time))
        {
            return false;
        }

        time = time.ToUniversalTime();
        return true;
    }

    public static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Micros(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Cuts nanoseconds to the seven digits that .NET reads.</summary>
    private static string Trim(string text)
    {
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            return text;
        }

        int end = dot + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - dot > 8 ? string.Concat(text.AsSpan(0, dot + 8), text.AsSpan(end)) : text;
    }
}
