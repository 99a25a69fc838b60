using PodAgent.Containers.Cgroups;

namespace PodAgent.Containers.Tests.Cgroups;

public class CpuWeightTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(10, 4)]
    [InlineData(51, 11)]
    [InlineData(102, 17)]
    [InlineData(256, 35)]
    [InlineData(512, 59)]
    [InlineData(1024, 100)]
    [InlineData(2048, 174)]
    [InlineData(4096, 303)]
    [InlineData(8192, 532)]
    [InlineData(16384, 942)]
    [InlineData(65536, 3023)]
    [InlineData(262144, 10000)]
    [InlineData(ulong.MaxValue, 10000)]
    public void FromShares_KnownPoint_IsOnTheCurve(ulong shares, ulong weight) => Assert.Equal(weight, CpuWeight.FromShares(shares));

    [Fact]
    public void FromShares_AnyShares_NeverFallsAndStaysInRange()
    {
        ulong before = 1;
        for (ulong shares = 1; shares <= 262144; shares++)
        {
            ulong weight = CpuWeight.FromShares(shares);
            Assert.InRange(weight, before, 10000UL);
            before = weight;
        }
    }
}
