using System.Globalization;
using System.Numerics;

namespace PodAgent.Api.Documents;

/// <summary>
/// What an unquoted YAML scalar means. Kubernetes reads YAML 1.1: <c>yes</c>, <c>on</c>, <c>y</c> are booleans, <c>0644</c> is octal.
/// Reading them as YAML 1.2 would give the same manifest another meaning here than on a cluster.
/// </summary>
internal static class PlainScalar
{
    private static readonly HashSet<string> s_true = ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
    private static readonly HashSet<string> s_false = ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];
    private static readonly HashSet<string> s_null = ["", "~", "null", "Null", "NULL"];
    private static readonly HashSet<string> s_notFinite =
    [
        ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
    ];

    /// <summary>The kind of an unquoted scalar.</summary>
    public static ScalarKind KindOf(string text) => Resolve(text, 0, 0).Kind;

    /// <summary>The node of an unquoted scalar.</summary>
    public static ScalarNode Resolve(string text, int line, int column)
    {
        if (s_null.Contains(text))
        {
            return ScalarNode.Null(text, line, column);
        }

        if (s_true.Contains(text))
        {
            return ScalarNode.OfBoolean(true, text, line, column);
        }

        if (s_false.Contains(text))
        {
            return ScalarNode.OfBoolean(false, text, line, column);
        }

        if (s_notFinite.Contains(text))
        {
            return ScalarNode.Float(text, line, column);
        }

        if (text[0] is not (>= '0' and <= '9' or '+' or '-' or '.'))
        {
            return ScalarNode.String(text, line, column);
        }

        string plain = text.Replace("_", "", StringComparison.Ordinal);
        if (TryInteger(plain, out BigInteger integer))
        {
            return ScalarNode.OfInteger(integer, text, line, column);
        }

        // What overflows a double is text to Kubernetes: 1e8080 may be a name.
        bool isFloat = IsFloat(plain) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value);
        return isFloat ? ScalarNode.Float(text, line, column) : ScalarNode.String(text, line, column);
    }

    private static bool TryInteger(string text, out BigInteger value)
    {
        value = default;
        bool negative = text.StartsWith('-');
        ReadOnlySpan<char> digits = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        (int radix, int prefix) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        digits = digits[prefix..];
        if (digits.IsEmpty || digits.Length > 100)
        {
            return false;
        }

        foreach (char digit in digits)
        {
            int number = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : int.MaxValue;
            if (number >= radix)
            {
                value = default;
                return false;
            }

            value = (value * radix) + number;
        }

        value = negative ? -value : value;
        return true;
    }

    /// <summary>[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?</summary>
    private static bool IsFloat(ReadOnlySpan<char> text)
    {
        text = text is ['+' or '-', ..] ? text[1..] : text;
        int whole = CountDigits(text);
        text = text[whole..];
        if (text is ['.', ..])
        {
            int fraction = CountDigits(text[1..]);
            if (whole + fraction == 0)
            {
                return false;
            }

            text = text[(1 + fraction)..];
        }
        else if (whole == 0)
        {
            return false;
        }

        if (text is ['e' or 'E', ..])
        {
            text = text[1..];
            text = text is ['+' or '-', ..] ? text[1..] : text;
            int exponent = CountDigits(text);
            return exponent > 0 && exponent == text.Length;
        }

        return text.IsEmpty;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        int count = text.IndexOfAnyExceptInRange('0', '9');
        return count < 0 ? text.Length : count;
    }
}
