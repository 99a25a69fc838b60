using FsCheck;
using FsCheck.Fluent;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Tests.Protocol;

public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("4m", 40_000)]
    [InlineData("5u", 50)]
    [InlineData("700n", 7)]
    [InlineData("1n", 1)]
    [InlineData("0S", 0)]
    [InlineData("00000001S", 10_000_000)]
    [InlineData("99999999H", 99_999_999 * 36_000_000_000)]
    public void TryParse_Valid_IsTicks(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out TimeSpan timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("100000000S")]
    [InlineData("1s")]
    [InlineData("1 S")]
    [InlineData(" 1S")]
    [InlineData("+1S")]
    [InlineData("-1S")]
    [InlineData("1.0S")]
    [InlineData("1SS")]
    [InlineData("٣S")]
    public void TryParse_Invalid_IsRefused(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Theory]
    [InlineData(0, "1n")]
    [InlineData(-5, "1n")]
    [InlineData(1, "100n")]
    [InlineData(10_000_000, "1000000u")]
    [InlineData(10_000_000_000_000, "1000000S")]
    [InlineData(long.MaxValue, "99999999H")]
    public void Format_Ticks_IsFinestUnitThatFits(long ticks, string text) => Assert.Equal(text, GrpcTimeout.Format(new TimeSpan(ticks)));

    [Fact]
    public void Format_AnyTimeout_ParsesBackToNoLessAndHardlyMore()
    {
        Gen<long> ticks = Gen.Choose(1, int.MaxValue).SelectMany(_ => Gen.Choose(0, 30), (value, shift) => (long)value << shift);
        Prop.ForAll(ticks.ToArbitrary(), value =>
        {
            var timeout = new TimeSpan(value);
            string text = GrpcTimeout.Format(timeout);
            return text.Length <= 9
                && GrpcTimeout.TryParse(text, out TimeSpan parsed)
                && parsed >= timeout
                && (parsed - timeout).TotalSeconds <= timeout.TotalSeconds / 100_000;
        }).QuickCheckThrowOnFailure();
    }
}
