using PodAgent.Cri.Containers.Specs;

namespace PodAgent.Cri.Tests.Containers.Specs;

public sealed class EnvironmentVariablesTests
{
    [Fact]
    public void Merge_SameName_LaterWinsAndKeepsThePlace() =>
        Assert.Equal(["A=3", "B=2", "C=4"], EnvironmentVariables.Merge(["A=1", "B=2"], ["A=3", "C=4"]));

    [Fact]
    public void Merge_ValueWithEqualsSign_IsKept() =>
        Assert.Equal(["A=b=c"], EnvironmentVariables.Merge(["A=x"], ["A=b=c"]));

    [Fact]
    public void Merge_EmptyValue_Wins() => Assert.Equal(["A="], EnvironmentVariables.Merge(["A=1"], ["A="]));
}
