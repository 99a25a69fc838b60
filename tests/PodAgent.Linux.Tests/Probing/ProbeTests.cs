using PodAgent.Linux.Probing;

namespace PodAgent.Linux.Tests.Probing;

public sealed class ProbeTests
{
    [Theory]
    [InlineData(ProbeNeed.Required, ProbeLevel.Missing)]
    [InlineData(ProbeNeed.Useful, ProbeLevel.Warning)]
    [InlineData(ProbeNeed.Optional, ProbeLevel.Absent)]
    public void Run_WhatIsNotThere_IsAsBadAsItIsNeeded(ProbeNeed need, ProbeLevel level)
    {
        ProbeResult result = Probe(need, () => throw new LinuxException("fsopen(2)", "overlay", Errno.ENODEV)).Run();

        Assert.Equal(level, result.Level);
        Assert.Contains("fsopen(2)", result.Detail, StringComparison.Ordinal);
        Assert.Equal(("a cost", "a remedy"), (result.Cost, result.Remedy));
    }

    [Fact]
    public void Run_WhatIsThere_HasNoCost()
    {
        ProbeResult result = Probe(ProbeNeed.Required, () => "2.5.4").Run();

        Assert.Equal(new ProbeResult("area", "name", ProbeLevel.Ok, "2.5.4"), result);
    }

    [Fact]
    public void Run_WhatCannotBeTried_SaysWhy() =>
        Assert.Equal(ProbeLevel.Skipped, Probe(ProbeNeed.Required, () => throw new ProbeSkippedException("why")).Run().Level);

    [Fact]
    public void Run_AFaultOfTheProbe_IsNotTakenForAResult() =>
        Assert.Throws<InvalidOperationException>(() => Probe(ProbeNeed.Optional, () => throw new InvalidOperationException()).Run());

    private static Probe Probe(ProbeNeed need, Func<string> test) =>
        new("area", "name", need, test) { Privileged = false, Cost = "a cost", Remedy = "a remedy" };
}
