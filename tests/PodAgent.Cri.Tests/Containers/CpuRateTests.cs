using PodAgent.Cri.Containers;

namespace PodAgent.Cri.Tests.Containers;

public sealed class CpuRateTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Update_TwoReadings_GivesNanosecondsPerSecond()
    {
        var rate = new CpuRate();
        Assert.Null(rate.Update(10 * Second, 100));
        Assert.Equal(250u, rate.Update(12 * Second, 600));
    }

    [Fact]
    public void Update_ReadingsCloseTogether_KeepTheRate()
    {
        var rate = new CpuRate();
        rate.Update(0, 0);
        rate.Update(Second, 1000);
        Assert.Equal(1000u, rate.Update(Second + 1, 5_000_000));
        Assert.Equal(2500u, rate.Update(3 * Second, 6000));
    }

    [Fact]
    public void Update_TotalRunsBackwards_BeginsAnew()
    {
        var rate = new CpuRate();
        rate.Update(0, 5000);
        rate.Update(Second, 6000);
        Assert.Null(rate.Update(2 * Second, 10));
        Assert.Equal(90u, rate.Update(3 * Second, 100));
    }
}
