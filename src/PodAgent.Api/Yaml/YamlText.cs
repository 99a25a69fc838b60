using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using PodAgent.Api.Documents;

namespace PodAgent.Api.Yaml;

/// <summary>How a string is written in YAML so that every reader, of version 1.1 or 1.2, reads the same string.</summary>
internal static partial class YamlText
{
    /// <summary>
    /// Writes a value: plain, as a block for several lines, or quoted. As kubectl does: double quotes where plain text would be a number, a
    /// boolean or the like, single quotes where only punctuation is in the way, double quotes again where escapes are needed.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">The string.</param>
    /// <param name="indent">Columns in front of the key or dash that the value belongs to.</param>
    public static void Write(StringBuilder output, string text, int indent)
    {
        if (IsPlain(text))
        {
            output.Append(text);
        }
        else if (IsBlock(text))
        {
            WriteBlock(output, text, indent + 2);
        }
        else
        {
            output.Append(Quote(text));
        }
    }

    /// <summary>A key: plain or quoted.</summary>
    public static string Key(string text) => IsPlain(text) && !LooksLikeReference(text) ? text : Quote(text);

    // In a plain key YamlDotNet takes these for an alias or an anchor, though they are neither after the first character (YAML 1.2, 7.3.3).
    private static bool LooksLikeReference(string text) =>
        text.Contains(" *", StringComparison.Ordinal) || text.Contains(" &", StringComparison.Ordinal);

    /// <summary>Whether the string means itself without quotes, as a value or as a key.</summary>
    public static bool IsPlain(string text)
    {
        if (IsOtherType(text))
        {
            return false;
        }

        if (text is "=" or "<<" or "---" or "..." || text.StartsWith("--- ", StringComparison.Ordinal) || text.StartsWith("... ", StringComparison.Ordinal))
        {
            return false;
        }

        // Indicators that open something else; "-", "?" and ":" only do so before a space or the end.
        if (",[]{}#&*!|>'\"%@`".Contains(text[0], StringComparison.Ordinal)
            || (text[0] is '-' or '?' or ':' && (text.Length == 1 || text[1] == ' ')))
        {
            return false;
        }

        if (text[0] == ' ' || text[^1] is ' ' or ':')
        {
            return false;
        }

        for (int index = 0; index < text.Length; index++)
        {
            char character = text[index];
            bool endsValue = (character == ':' && text[index + 1] == ' ') || (character == '#' && text[index - 1] == ' ');
            if (endsValue || !IsPrintable(text, index))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The string in double quotes, everything outside of printable text escaped.</summary>
    public static string DoubleQuote(string text)
    {
        StringBuilder quoted = new("\"");
        for (int index = 0; index < text.Length; index++)
        {
            char character = text[index];
            string? escape = character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                '\r' => "\\r",
                '\0' => "\\0",
                _ => IsPrintable(text, index) ? null : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}"),
            };
            quoted.Append(escape).Append(escape is null ? character.ToString() : "");
        }

        return quoted.Append('"').ToString();
    }

    private static string Quote(string text)
    {
        for (int index = 0; index < text.Length; index++)
        {
            if (!IsPrintable(text, index))
            {
                return DoubleQuote(text);
            }
        }

        return IsOtherType(text) ? DoubleQuote(text) : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    /// <summary>Whether plain text would not be a string. Base 60 numbers (<c>1:30</c>) and dates are none to Kubernetes, but to other readers of YAML 1.1.</summary>
    private static bool IsOtherType(string text) =>
        text.Length == 0 || PlainScalar.KindOf(text) != ScalarKind.String || SexagesimalPattern().IsMatch(text) || IsDate(text);

    [GeneratedRegex(@"^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SexagesimalPattern();

    private static bool IsDate(string text) =>
        text.Length >= 8 && text[4] == '-' && text.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') < 0 && char.IsAsciiDigit(text[5]);

    private static bool IsBlock(string text)
    {
        if (!text.Contains('\n', StringComparison.Ordinal) || text[0] is ' ' or '\n' or '\t')
        {
            return false;
        }

        for (int index = 0; index < text.Length; index++)
        {
            // A space before a newline is legal but invisible; go-yaml, too, falls back to quotes then.
            bool hidden = text[index] == '\n' && index > 0 && text[index - 1] is ' ' or '\t';
            if (hidden || (text[index] is not ('\n' or '\t') && !IsPrintable(text, index)))
            {
                return false;
            }
        }

        return text[^1] is not (' ' or '\t');
    }

    private static void WriteBlock(StringBuilder output, string text, int indent)
    {
        string body = text.TrimEnd('\n');
        int newlines = text.Length - body.Length;
        output.Append('|').Append(newlines switch { 0 => "-", 1 => "", _ => "+" });
        foreach (string line in body.Split('\n'))
        {
            output.Append('\n');
            if (line.Length > 0)
            {
                output.Append(' ', indent).Append(line);
            }
        }

        // The writer ends the line itself; "+" keeps every further newline.
        output.Append('\n', Math.Max(newlines - 1, 0));
    }

    private static bool IsPrintable(string text, int index)
    {
        char character = text[index];
        if (char.IsHighSurrogate(character))
        {
            return index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);
        }

        if (char.IsLowSurrogate(character))
        {
            return index > 0 && char.IsHighSurrogate(text[index - 1]);
        }

        // Line and paragraph separators are line breaks in YAML 1.1, the byte order mark disappears at a start.
        return character is (>= ' ' and <= '~') or (>= '\u00a0' and not ('\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff'));
    }
}
