using PodAgent.Pods.Probes;
using PodAgent.Pods.Runtime;
using PodAgent.Pods.Status;
using Make = PodAgent.Pods.Tests.Fakes.Pods;

namespace PodAgent.Pods.Tests.Status;

public class PodStatusBuilderTests
{
    public static TheoryData<string, string, string, string, string, string> Phases => new()
    {
        { "nothing yet", "Always", "", "a", "", "Pending" },
        { "one of two was never started", "Always", "", "a b", "a=running", "Pending" },
        { "all run", "Always", "", "a b", "a=running b=running", "Running" },
        { "one ended, one runs", "Never", "", "a b", "a=1 b=running", "Running" },
        { "ended under Always will run again", "Always", "", "a", "a=0", "Running" },
        { "failed under OnFailure will run again", "OnFailure", "", "a", "a=1", "Running" },
        { "succeeded under OnFailure", "OnFailure", "", "a b", "a=0 b=0", "Succeeded" },
        { "one failed under Never", "Never", "", "a b", "a=0 b=1", "Failed" },
        { "all succeeded under Never", "Never", "", "a b", "a=0 b=0", "Succeeded" },
        { "init runs", "Always", "i", "a", "i=running", "Pending" },
        { "init failed and will run again", "Always", "i", "a", "i=1", "Pending" },
        { "init failed under Never", "Never", "i", "a", "i=1", "Failed" },
        { "init done, container not started", "Always", "i", "a", "i=0", "Pending" },
        { "init done, container runs", "Always", "i", "a", "i=0 a=running", "Running" },
        { "a sidecar that runs does not keep the pod", "Never", "s*", "a", "s=running a=0", "Succeeded" },
        { "a sidecar that failed does not fail the pod", "Never", "s*", "a", "s=1 a=0", "Succeeded" },
        { "a sidecar that is not up yet", "Always", "s*", "a", "", "Pending" },
        { "a sidecar that fell later", "Always", "s*", "a", "s=1 a=running", "Running" },
    };

    [Theory]
    [MemberData(nameof(Phases))]
    public void Build_State_GivesPhase(string sentence, string policy, string init, string containers, string runtime, string phase)
    {
        Core.Pod pod = Make.New(policy, init.Split(' ', StringSplitOptions.RemoveEmptyEntries), containers.Split(' '));

        Core.PodStatus status = PodStatusBuilder.Build(Input(pod, Make.Runtime(runtime.Split(' ', StringSplitOptions.RemoveEmptyEntries))));

        Assert.Equal((sentence, phase), (sentence, status.Phase));
    }

    [Fact]
    public void Build_TerminalPhase_IsFinal()
    {
        Core.Pod pod = Make.New("Never");
        Core.PodStatus done = PodStatusBuilder.Build(Input(pod, Make.Runtime("app=0")));

        Core.PodStatus later = PodStatusBuilder.Build(Input(pod, Make.Runtime("app=running")) with { Previous = done });

        Assert.Equal("Succeeded", later.Phase);
    }

    [Fact]
    public void Build_Deadline_FailsOnceNothingRuns()
    {
        Core.Pod pod = Make.New();
        TerminalCause cause = new("DeadlineExceeded", "too long");

        Assert.Equal("Running", PodStatusBuilder.Build(Input(pod, Make.Runtime("app=running")) with { Cause = cause, Terminating = true }).Phase);
        Core.PodStatus ended = PodStatusBuilder.Build(Input(pod, Make.Runtime("app=0")) with { Cause = cause, Terminating = true });
        Assert.Equal(("Failed", "DeadlineExceeded", "too long"), (ended.Phase, ended.Reason, ended.Message));
    }

    [Fact]
    public void Build_CrashLoop_IsWaitingWithTheEndInLastState()
    {
        Core.Pod pod = Make.New();
        Core.ContainerStatus status = PodStatusBuilder.Build(Input(pod, Make.Runtime("app#3=2")) with
        {
            Issues = new Dictionary<string, ContainerIssue> { ["app"] = new("CrashLoopBackOff", "back-off 40s") },
        }).ContainerStatuses[0];

        Assert.Equal(("CrashLoopBackOff", "back-off 40s"), (status.State.Waiting.Reason, status.State.Waiting.Message));
        Assert.Equal((2, "Error"), (status.LastState.Terminated.ExitCode, status.LastState.Terminated.Reason));
        Assert.Equal(3, status.RestartCount);
        Assert.False(status.Ready);
    }

    [Fact]
    public void Build_SecondAttempt_KeepsTheFirstAsLastState()
    {
        Core.ContainerStatus status = PodStatusBuilder.Build(Input(Make.New(), Make.Runtime("app=9", "app#1=running"))).ContainerStatuses[0];

        Assert.NotNull(status.State.Running);
        Assert.Equal(9, status.LastState.Terminated.ExitCode);
        Assert.Equal("podagent://app-0", status.LastState.Terminated.ContainerID);
        Assert.Equal("podagent://app-1", status.ContainerID);
        Assert.Equal(1, status.RestartCount);
    }

    [Fact]
    public void Build_TransitionTimes_ChangeWithTheValueOnly()
    {
        Core.Pod pod = Make.New();
        Core.PodStatus first = PodStatusBuilder.Build(Input(pod, Make.Runtime("app=running")));

        Core.PodStatus second = PodStatusBuilder.Build(Input(pod, Make.Runtime("app=1")) with { Previous = first, Now = Make.Start.AddMinutes(5) });

        Assert.Equal(first.StartTime, second.StartTime);
        Assert.Equal(Make.Start.ToUnixTimeSeconds(), second.Conditions.Single(c => c.Type == "PodScheduled").LastTransitionTime.Seconds);
        Assert.Equal(Make.Start.AddMinutes(5).ToUnixTimeSeconds(), second.Conditions.Single(c => c.Type == "Ready").LastTransitionTime.Seconds);
    }

    [Fact]
    public void Build_HostNetwork_ShowsTheNodesAddress()
    {
        Core.Pod pod = Make.New();
        pod.Spec.HostNetwork = true;

        Core.PodStatus status = PodStatusBuilder.Build(Input(pod, Make.Runtime([Make.Sandbox(hostNetwork: true)], "app=running")));

        Assert.Equal("192.0.2.1", status.PodIP);
        Assert.Equal("True", status.Conditions.Single(c => c.Type == "PodReadyToStartContainers").Status);
    }

    [Fact]
    public void Build_NotReady_SaysWhichContainers()
    {
        Core.Pod pod = Make.New("Always", null, "a", "b");
        PodStatusInput input = Input(pod, Make.Runtime("a=running", "b=running")) with
        {
            Probes = new ProbeSnapshot { NotReady = new HashSet<string> { "b-0" } },
        };

        Core.PodCondition ready = PodStatusBuilder.Build(input).Conditions.Single(c => c.Type == "Ready");

        Assert.Equal(("False", "ContainersNotReady", "containers with unready status: [b]"), (ready.Status, ready.Reason, ready.Message));
    }

    [Fact]
    public void Build_Unknown_IsTerminatedWithContainerStatusUnknown()
    {
        Core.ContainerStatus status = PodStatusBuilder.Build(Input(Make.New(), Make.Runtime("app=unknown"))).ContainerStatuses[0];

        Assert.Equal((137, "ContainerStatusUnknown"), (status.State.Terminated.ExitCode, status.State.Terminated.Reason));
    }

    private static PodStatusInput Input(Core.Pod pod, PodRuntimeStatus runtime) =>
        new() { Pod = pod, Runtime = runtime, Now = Make.Start, HostIps = ["192.0.2.1"] };
}
