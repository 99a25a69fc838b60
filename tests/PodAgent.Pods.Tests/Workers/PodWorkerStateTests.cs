using PodAgent.Pods.Status;
using PodAgent.Pods.Workers;
using Make = PodAgent.Pods.Tests.Fakes.Pods;

namespace PodAgent.Pods.Tests.Workers;

public class PodWorkerStateTests
{
    private static readonly PodWorkerState s_sync = new() { Pod = Make.New() };
    private static readonly PodWorkerState s_terminating = s_sync.RequestTermination(Make.Start, TimeSpan.FromSeconds(30), remove: false);
    private static readonly PodWorkerState s_terminated = s_terminating.MarkTerminated(Make.Start.AddSeconds(1));

    [Theory]
    [InlineData("Sync")]
    [InlineData("Terminating")]
    [InlineData("Terminated")]
    public void EveryVerb_InEveryState_OnlyMovesForward(string name)
    {
        PodPhaseWork work = Enum.Parse<PodPhaseWork>(name);
        PodWorkerState state = work switch
        {
            PodPhaseWork.Sync => s_sync,
            PodPhaseWork.Terminating => s_terminating,
            PodPhaseWork.Terminated => s_terminated,
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };
        Assert.Equal(work, state.Work);

        Assert.Equal(work, state.Update(Make.New("Never")).Work);
        Assert.Equal(work == PodPhaseWork.Sync, state.Update(Make.New("Never")).Pod.Spec.RestartPolicy == "Never");

        PodPhaseWork requested = work == PodPhaseWork.Sync ? PodPhaseWork.Terminating : work;
        Assert.Equal(requested, state.RequestTermination(Make.Start, TimeSpan.Zero, remove: true).Work);

        if (work == PodPhaseWork.Sync)
        {
            Assert.Throws<InvalidOperationException>(() => state.MarkTerminated(Make.Start));
        }
        else
        {
            Assert.Equal(PodPhaseWork.Terminated, state.MarkTerminated(Make.Start).Work);
        }
    }

    [Fact]
    public void RequestTermination_LongerGrace_DoesNotPostpone()
    {
        PodWorkerState longer = s_terminating.RequestTermination(Make.Start.AddSeconds(10), TimeSpan.FromMinutes(5), remove: true);

        Assert.Equal(Make.Start.AddSeconds(30), longer.KillAt);
        Assert.Equal(TimeSpan.FromSeconds(30), longer.Grace);
        Assert.True(longer.Remove);
    }

    [Fact]
    public void RequestTermination_ShorterGrace_CountsFromNow()
    {
        PodWorkerState shorter = s_terminating.RequestTermination(Make.Start.AddSeconds(10), TimeSpan.FromSeconds(5), remove: false);

        Assert.Equal(Make.Start.AddSeconds(15), shorter.KillAt);
        Assert.Equal(Make.Start, shorter.TerminatingAt);
    }

    [Fact]
    public void RequestTermination_SecondCause_FirstStays()
    {
        PodWorkerState state = s_sync.RequestTermination(Make.Start, TimeSpan.Zero, false, new TerminalCause("A", ""))
            .RequestTermination(Make.Start, TimeSpan.Zero, false, new TerminalCause("B", ""));

        Assert.Equal("A", state.Cause!.Reason);
    }
}
