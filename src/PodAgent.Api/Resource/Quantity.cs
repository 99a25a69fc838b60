using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace PodAgent.Api.Resource;

/// <summary>
/// A fixed-point number with a unit suffix: <c>500m</c> of a CPU, <c>1Gi</c> of memory. The message holds the text; what is computed from it
/// is exact to a billionth.
/// </summary>
public sealed partial class Quantity : IComparable<Quantity>
{
    private const int MilliDigits = 3;

    /// <summary>A whole number in canonical notation.</summary>
    /// <param name="value">The number, for example bytes.</param>
    /// <param name="format">Its notation.</param>
    public static Quantity FromValue(long value, QuantityFormat format = QuantityFormat.DecimalSI) =>
        Of(new BigInteger(value) * 1_000_000_000, format);

    /// <summary>A number of thousandths in canonical notation.</summary>
    /// <param name="milli">The number, for example thousandths of a CPU.</param>
    public static Quantity FromMilliValue(long milli) => Of(new BigInteger(milli) * 1_000_000, QuantityFormat.DecimalSI);

    /// <summary>Reads a quantity and brings it into canonical notation as the API server does: <c>0.5</c> becomes <c>500m</c>.</summary>
    /// <param name="text">The text; no surrounding space is allowed.</param>
    /// <param name="quantity">The quantity, or null.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Quantity? quantity)
    {
        bool valid = QuantityAmount.TryParse(text, out QuantityAmount amount);
        quantity = valid ? new Quantity { String = amount.Canonical() } : null;
        return valid;
    }

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">Not a quantity.</exception>
    public static Quantity Parse(string text) =>
        TryParse(text, out Quantity? quantity) ? quantity : throw new FormatException($"\"{text}\" is not a quantity such as \"500m\" or \"1Gi\"");

    /// <summary>The sum, in the notation of the first.</summary>
    /// <param name="left">First summand; its format stays.</param>
    /// <param name="right">Second summand.</param>
    public static Quantity Add(Quantity left, Quantity right) => Of(left.Amount().Nanos + right.Amount().Nanos, left.Format);

    /// <summary>The difference, in the notation of the first.</summary>
    /// <param name="left">Minuend; its format stays.</param>
    /// <param name="right">Subtrahend.</param>
    public static Quantity Subtract(Quantity left, Quantity right) => Of(left.Amount().Nanos - right.Amount().Nanos, left.Format);

    /// <summary>Whether the text is a quantity. One that came over the wire need not be.</summary>
    public bool IsValid => String.Length == 0 || QuantityAmount.TryParse(String, out _);

    /// <summary>The notation of the text.</summary>
    public QuantityFormat Format => Amount().Format;

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Amount().Nanos.Sign;

    /// <summary>The number rounded up, away from zero, to a whole one.</summary>
    /// <exception cref="FormatException">The text is not a quantity.</exception>
    public long Value() => Amount().Scaled(0);

    /// <summary>The number in thousandths, rounded up, away from zero.</summary>
    /// <exception cref="FormatException">The text is not a quantity.</exception>
    public long MilliValue() => Amount().Scaled(MilliDigits);

    /// <summary>The canonical text: <c>0.5</c> gives <c>500m</c>, <c>1024Mi</c> gives <c>1Gi</c>.</summary>
    /// <exception cref="FormatException">The text is not a quantity.</exception>
    public string Canonical() => Amount().Canonical();

    /// <summary>Compares the numbers; notation plays no part, unlike in <c>Equals</c>, which compares the messages.</summary>
    /// <param name="other">Null is smaller than any quantity.</param>
    public int CompareTo(Quantity? other) => other is null ? 1 : Amount().Nanos.CompareTo(other.Amount().Nanos);

    private static Quantity Of(BigInteger nanos, QuantityFormat format) => new() { String = new QuantityAmount(nanos, format).Canonical() };

    /// <summary>An empty text is Go's zero quantity.</summary>
    private QuantityAmount Amount() =>
        String.Length == 0 ? default
        : QuantityAmount.TryParse(String, out QuantityAmount amount) ? amount
        : throw new FormatException($"\"{String}\" is not a quantity such as \"500m\" or \"1Gi\"");
}
