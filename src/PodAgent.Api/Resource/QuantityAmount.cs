using System.Globalization;
using System.Numerics;

namespace PodAgent.Api.Resource;

/// <summary>
/// A quantity's number in billionths, exact. The grammar:
/// <code>
/// quantity = [+-] digits [ "." digits ] suffix  (digits on one side of the point may be missing)
/// suffix   = Ki Mi Gi Ti Pi Ei | n u m "" k M G T P E | (e|E) [+-] digits
/// </code>
/// Anything finer than a billionth is rounded away from zero, anything beyond 2^63-1 is cut down to it.
/// </summary>
internal readonly record struct QuantityAmount(BigInteger Nanos, QuantityFormat Format)
{
    // Far outside of what can be represented: larger exponents need no arithmetic, only the right end.
    private const int MaxDigits = 200;
    private const int MaxExponent = 300;
    private const int NanoDigits = 9;
    private const string DecimalSuffixes = "num kMGTPE";
    private const string BinarySuffixes = "KMGTPE";

    private static readonly BigInteger s_billion = BigInteger.Pow(10, NanoDigits);
    private static readonly BigInteger s_max = long.MaxValue * s_billion;

    public static bool TryParse(ReadOnlySpan<char> text, out QuantityAmount amount)
    {
        amount = default;
        bool negative = text is ['-', ..];
        ReadOnlySpan<char> rest = text is ['+' or '-', ..] ? text[1..] : text;
        int whole = CountDigits(rest);
        ReadOnlySpan<char> digits = rest[..whole];
        ReadOnlySpan<char> fraction = default;
        rest = rest[whole..];
        if (rest is ['.', ..])
        {
            int length = CountDigits(rest[1..]);
            fraction = rest.Slice(1, length);
            rest = rest[(1 + length)..];
        }

        if (digits.Length + fraction.Length is 0 or > MaxDigits || !TrySuffix(rest, out QuantityFormat format, out int power))
        {
            return false;
        }

        BigInteger mantissa = BigInteger.Parse($"0{digits}{fraction}", NumberStyles.None, CultureInfo.InvariantCulture);
        BigInteger nanos = format == QuantityFormat.BinarySI
            ? DivideUp(mantissa * BigInteger.Pow(1024, power) * s_billion, BigInteger.Pow(10, fraction.Length))
            : Scale(mantissa, power + NanoDigits - fraction.Length);
        nanos = BigInteger.Min(nanos, s_max);
        amount = new QuantityAmount(negative ? -nanos : nanos, format);
        return true;
    }

    /// <summary>The number in units of 10^-<paramref name="digits"/>, rounded away from zero, cut to the range of a long.</summary>
    public long Scaled(int digits)
    {
        BigInteger value = RoundAway(Nanos, BigInteger.Pow(10, NanoDigits - digits));
        return value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value;
    }

    /// <summary>The one notation that every equal quantity of the same format is written in: largest suffix without a fraction.</summary>
    public string Canonical()
    {
        if (Nanos.IsZero)
        {
            return "0";
        }

        // Below 1024 a binary suffix has nothing to say.
        if (Format == QuantityFormat.BinarySI && BigInteger.Abs(Nanos) >= 1024 * s_billion)
        {
            BigInteger value = RoundAway(Nanos, s_billion);
            int power = RemoveFactor(ref value, 1024, BinarySuffixes.Length);
            return power == 0 ? Text(value) : $"{Text(value)}{BinarySuffixes[power - 1]}i";
        }

        BigInteger number = Nanos;
        int thousands = RemoveFactor(ref number, 1000, DecimalSuffixes.Length - 1);
        if (Format == QuantityFormat.DecimalExponent)
        {
            int exponent = (3 * thousands) - NanoDigits;
            return exponent == 0 ? Text(number) : string.Create(CultureInfo.InvariantCulture, $"{Text(number)}e{exponent}");
        }

        char suffix = DecimalSuffixes[thousands];
        return suffix == ' ' ? Text(number) : $"{Text(number)}{suffix}";
    }

    private static string Text(BigInteger value) => value.ToString(CultureInfo.InvariantCulture);

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        int count = text.IndexOfAnyExceptInRange('0', '9');
        return count < 0 ? text.Length : count;
    }

    private static bool TrySuffix(ReadOnlySpan<char> suffix, out QuantityFormat format, out int power)
    {
        format = QuantityFormat.DecimalSI;
        power = 0;
        switch (suffix)
        {
            case []:
                return true;
            case [var letter, 'i'] when BinarySuffixes.Contains(letter):
                format = QuantityFormat.BinarySI;
                power = BinarySuffixes.IndexOf(letter) + 1;
                return true;
            case [var letter] when letter != ' ' && DecimalSuffixes.Contains(letter):
                power = (3 * DecimalSuffixes.IndexOf(letter)) - NanoDigits;
                return true;
            case ['e' or 'E', .. var exponent]:
                format = QuantityFormat.DecimalExponent;
                bool negative = exponent is ['-', ..];
                exponent = exponent is ['+' or '-', ..] ? exponent[1..] : exponent;
                if (exponent.IsEmpty || CountDigits(exponent) != exponent.Length)
                {
                    return false;
                }

                exponent = exponent.TrimStart('0');
                int magnitude = exponent.Length > 3 ? MaxExponent : exponent.IsEmpty ? 0 : int.Parse(exponent, CultureInfo.InvariantCulture);
                power = Math.Min(magnitude, MaxExponent) * (negative ? -1 : 1);
                return true;
            default:
                return false;
        }
    }

    private static BigInteger Scale(BigInteger mantissa, int power) =>
        power >= 0 ? mantissa * BigInteger.Pow(10, power) : DivideUp(mantissa, BigInteger.Pow(10, -power));

    private static BigInteger DivideUp(BigInteger value, BigInteger divisor) => (value + divisor - 1) / divisor;

    private static BigInteger RoundAway(BigInteger value, BigInteger divisor) =>
        value.Sign < 0 ? -DivideUp(-value, divisor) : DivideUp(value, divisor);

    private static int RemoveFactor(ref BigInteger value, int factor, int limit)
    {
        int count = 0;
        while (count < limit)
        {
            BigInteger quotient = BigInteger.DivRem(value, factor, out BigInteger remainder);
            if (!remainder.IsZero)
            {
                break;
            }

            value = quotient;
            count++;
        }

        return count;
    }
}
