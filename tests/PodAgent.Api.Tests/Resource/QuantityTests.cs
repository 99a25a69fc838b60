using PodAgent.Api.Resource;

namespace PodAgent.Api.Tests.Resource;

public class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.5", "500m")]
    [InlineData(".5", "500m")]
    [InlineData("5.", "5")]
    [InlineData("1500m", "1500m")]
    [InlineData("1000m", "1")]
    [InlineData("12000", "12k")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("0.5Mi", "512Ki")]
    [InlineData("512", "512")]
    [InlineData("0.1Ki", "102400m")]
    [InlineData("1e3", "1e3")]
    [InlineData("1E6", "1e6")]
    [InlineData("12e4", "120e3")]
    [InlineData("1E", "1E")]
    [InlineData("+1k", "1k")]
    [InlineData("-1.5", "-1500m")]
    [InlineData("100n", "100n")]
    [InlineData("0.1n", "1n")]
    [InlineData("-0.1n", "-1n")]
    [InlineData("100000000000000000000", "9223372036854775807")]
    [InlineData("1e999999999999", "9223372036854775807e0")]
    [InlineData("1e-999999", "1e-9")]
    [InlineData("0e99", "0")]
    [InlineData("8Ei", "9223372036854775807")]
    public void TryParse_Quantity_IsCanonical(string text, string canonical)
    {
        Assert.True(Quantity.TryParse(text, out Quantity? quantity));

        // Beyond the range the exponent form of the largest number has no exponent.
        Assert.Equal(canonical.EndsWith("e0", StringComparison.Ordinal) ? canonical[..^2] : canonical, quantity.String);
        Assert.Equal(quantity.String, quantity.Canonical());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.2.3")]
    [InlineData("1 k")]
    [InlineData("1K")]
    [InlineData("1ki")]
    [InlineData("1mi")]
    [InlineData("e3")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e1.5")]
    [InlineData("+")]
    [InlineData(".")]
    [InlineData("--1")]
    [InlineData("0x10")]
    [InlineData("lots")]
    [InlineData("１")]
    public void TryParse_Other_Fails(string text) => Assert.False(Quantity.TryParse(text, out _));

    [Theory]
    [InlineData("1", 1, 1000)]
    [InlineData("1500m", 2, 1500)]
    [InlineData("-1500m", -2, -1500)]
    [InlineData("1n", 1, 1)]
    [InlineData("1Gi", 1073741824, 1073741824000)]
    [InlineData("100M", 100000000, 100000000000)]
    [InlineData("9223372036854775807", long.MaxValue, long.MaxValue)]
    public void Value_Quantity_RoundsAwayFromZeroAndStaysInRange(string text, long value, long milli)
    {
        Quantity quantity = Quantity.Parse(text);

        Assert.Equal(value, quantity.Value());
        Assert.Equal(milli, quantity.MilliValue());
    }

    [Fact]
    public void Value_EmptyMessage_IsZero() => Assert.Equal(0, new Quantity().Value());

    [Fact]
    public void CompareTo_EqualNumbersInOtherNotation_AreEqual() =>
        Assert.Equal(0, Quantity.Parse("1Gi").CompareTo(Quantity.Parse("1073741824")));

    [Fact]
    public void Add_OfTwoNotations_KeepsTheFirst() =>
        Assert.Equal("1536Mi", Quantity.Add(Quantity.Parse("1Gi"), Quantity.Parse("536870912")).String);

    [Fact]
    public void Subtract_LargerOne_IsNegative() =>
        Assert.Equal("-500m", Quantity.Subtract(Quantity.Parse("1"), Quantity.Parse("1500m")).String);
}
