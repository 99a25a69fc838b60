using PodAgent.Cli.Commands;
using PodAgent.Cli.Tests.Support;

namespace PodAgent.Cli.Tests.Commands;

public class WaitCommandTests
{
    [Theory]
    [InlineData("condition=Ready", true)]
    [InlineData("condition=ready=true", true)]
    [InlineData("condition=Ready=False", false)]
    [InlineData("condition=Initialized=False", true)]
    [InlineData("condition=ContainersReady", false)]
    [InlineData("phase=running", true)]
    [InlineData("phase=Failed", false)]
    [InlineData("jsonpath={.status.phase}=Running", true)]
    [InlineData("delete", false)]
    public void Condition_OfAPod_IsReadFromItsStatus(string goal, bool expected)
    {
        var pod = Manifest.Pod(
            "containers: [{name: a}]", "phase: Running, conditions: [{type: Ready, status: 'True'}, {type: Initialized, status: 'False'}]");

        Assert.Equal(expected, WaitCommand.Condition(goal)(pod));
    }

    [Theory]
    [InlineData("condition=Ready", false)]
    [InlineData("phase=Running", false)]
    [InlineData("delete", true)]
    public void Condition_OfNoPod_HoldsForDeletionAlone(string goal, bool expected) => Assert.Equal(expected, WaitCommand.Condition(goal)(null));

    [Theory]
    [InlineData("Ready")]
    [InlineData("condition")]
    [InlineData("condition=")]
    [InlineData("phase=")]
    [InlineData("")]
    public void Condition_Unknown_IsRefused(string goal) => Assert.Throws<CliException>(() => WaitCommand.Condition(goal));
}
