using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Stores;

public sealed class ContainerGuardsTests
{
    // All states x all verbs: P proceed, F fulfilled already, R refused.
    [Theory]
    [InlineData(ContainerVerb.Start, "PRRR")]
    [InlineData(ContainerVerb.Stop, "FPFP")]
    [InlineData(ContainerVerb.Remove, "PPPP")]
    [InlineData(ContainerVerb.Exec, "RPRR")]
    [InlineData(ContainerVerb.Attach, "RPRR")]
    [InlineData(ContainerVerb.ReopenLog, "RPRR")]
    [InlineData(ContainerVerb.UpdateResources, "PPRR")]
    public void Answer_EveryState_IsAsInTheTable(ContainerVerb verb, string createdRunningExitedUnknown)
    {
        ContainerState[] states =
        [
            ContainerState.ContainerCreated, ContainerState.ContainerRunning, ContainerState.ContainerExited, ContainerState.ContainerUnknown,
        ];
        string answers = string.Concat(states.Select(state => ContainerGuards.Answer(state, verb).ToString()[0]));
        Assert.Equal(createdRunningExitedUnknown, answers);
    }

    [Fact]
    public void Answer_EveryVerbInEveryState_IsDefined()
    {
        foreach (ContainerVerb verb in Enum.GetValues<ContainerVerb>())
        {
            foreach (ContainerState state in Enum.GetValues<ContainerState>())
            {
                Assert.True(Enum.IsDefined(ContainerGuards.Answer(state, verb)));
            }
        }
    }

    [Fact]
    public void Check_ExecInExited_NamesContainerAndCause()
    {
        var failure = Assert.Throws<AgentException>(() => ContainerGuards.Check(Record(started: 1, finished: 2), ContainerVerb.Exec));
        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
        Assert.Equal("cannot run a command in container \"main\" (0123456789ab): it has ended", failure.Message);
    }

    [Theory]
    [InlineData(0, 0, 0, 0, true)]
    [InlineData(0, 0, 5, 0, true)]
    [InlineData(0, 0, 5, 6, true)]
    [InlineData(0, 0, 0, 6, true)]
    [InlineData(5, 0, 5, 6, true)]
    [InlineData(5, 0, 0, 0, false)]
    [InlineData(5, 6, 5, 0, false)]
    [InlineData(5, 6, 5, 7, false)]
    [InlineData(5, 6, 5, 6, true)]
    public void CheckMove_Timestamps_NeverRunBackwards(long startedBefore, long finishedBefore, long startedAfter, long finishedAfter, bool possible)
    {
        Exception? failure = Record(() => ContainerGuards.CheckMove(Record(startedBefore, finishedBefore), Record(startedAfter, finishedAfter)));
        Assert.Equal(possible, failure is null);
    }

    private static Exception? Record(Action action) => Xunit.Record.Exception(action);

    private static ContainerRecord Record(long started, long finished) => new()
    {
        Id = "0123456789abcdef",
        SandboxId = "s",
        Config = new ContainerConfig { Metadata = new ContainerMetadata { Name = "main" } },
        CreatedAt = 1,
        StartedAt = started,
        FinishedAt = finished,
        ImageId = "i",
        ImageRef = "i",
        Cgroup = "c",
        Spec = new(),
    };
}
