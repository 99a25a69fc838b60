using PodAgent.Cli.Output;
using PodAgent.Cli.Tests.Support;

namespace PodAgent.Cli.Tests.Output;

/// <summary>The columns that kubectl's pod printer computes, for the same statuses.</summary>
public class PodSummaryTests
{
    private const string One = "containers: [{name: a}]";
    private const string Two = "containers: [{name: a}, {name: b}]";
    private const string TwoInits = "initContainers: [{name: i}, {name: j}], " + One;
    private const string Sidecar = "initContainers: [{name: s, restartPolicy: Always}], " + One;
    private const string Done = "state: {terminated: {exitCode: 0, reason: Completed}}";
    private const string Up = "ready: true, state: {running: {}}";

    [Theory]
    [InlineData(One, "phase: Pending", "0/1 Pending 0")]
    [InlineData(One, "", "0/1 Pending 0")]
    [InlineData(One, "phase: Pending, containerStatuses: [{name: a, state: {waiting: {reason: ContainerCreating}}}]", "0/1 ContainerCreating 0")]
    [InlineData(One, "phase: Failed, reason: Evicted", "0/1 Evicted 0")]
    [InlineData(One, "phase: Running, containerStatuses: [{name: a, " + Up + "}]", "1/1 Running 0")]
    [InlineData(One, "phase: Running, containerStatuses: [{name: a, ready: false, state: {running: {}}}]", "0/1 Running 0")]
    [InlineData(One, "phase: Running, containerStatuses: [{name: a, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}}]", "0/1 CrashLoopBackOff 3")]
    [InlineData(One, "phase: Succeeded, containerStatuses: [{name: a, " + Done + "}]", "0/1 Completed 0")]
    [InlineData(One, "phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 1, reason: Error}}}]", "0/1 Error 0")]
    [InlineData(One, "phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 137, reason: OOMKilled}}}]", "0/1 OOMKilled 0")]
    [InlineData(One, "phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 2}}}]", "0/1 ExitCode:2 0")]
    [InlineData(One, "phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 139, signal: 11}}}]", "0/1 Signal:11 0")]
    public void Of_OneContainer_ReadsAsKubectl(string spec, string status, string expected) => Check(spec, status, expected);

    [Theory]
    [InlineData("containerStatuses: [{name: a, " + Done + "}, {name: b, " + Up + "}]", "1/2 NotReady 0")]
    [InlineData("conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: a, " + Done + "}, {name: b, " + Up + "}]", "1/2 Running 0")]
    [InlineData("containerStatuses: [{name: a, state: {terminated: {exitCode: 1, reason: Error}}}, {name: b, " + Up + "}]", "1/2 Error 0")]
    [InlineData("containerStatuses: [{name: a, restartCount: 1, " + Up + "}, {name: b, restartCount: 2, " + Up + "}]", "2/2 Running 3")]
    [InlineData("containerStatuses: [{name: a, state: {waiting: {reason: ErrImagePull}}}, {name: b, state: {waiting: {reason: ContainerCreating}}}]", "0/2 ErrImagePull 0")]
    public void Of_TwoContainers_TheFirstOneGivesTheReason(string status, string expected) => Check(Two, "phase: Running, " + status, expected);

    [Theory]
    [InlineData("initContainerStatuses: [{name: i, state: {running: {}}}, {name: j, state: {waiting: {reason: PodInitializing}}}]", "0/1 Init:0/2 0")]
    [InlineData("initContainerStatuses: [{name: i, " + Done + "}, {name: j, state: {waiting: {reason: PodInitializing}}}]", "0/1 Init:1/2 0")]
    [InlineData("initContainerStatuses: [{name: i, restartCount: 1, state: {terminated: {exitCode: 1, reason: Error}}}, {name: j}]", "0/1 Init:Error 1")]
    [InlineData("initContainerStatuses: [{name: i, restartCount: 2, state: {waiting: {reason: CrashLoopBackOff}}}, {name: j}]", "0/1 Init:CrashLoopBackOff 2")]
    [InlineData("initContainerStatuses: [{name: i, state: {terminated: {exitCode: 3}}}]", "0/1 Init:ExitCode:3 0")]
    [InlineData("initContainerStatuses: [{name: i, state: {terminated: {exitCode: 137, signal: 9}}}]", "0/1 Init:Signal:9 0")]
    public void Of_PodThatInitializes_CountsInitContainers(string status, string expected) => Check(TwoInits, "phase: Pending, " + status, expected);

    [Fact]
    public void Of_PodThatHasInitialized_ForgetsTheRestartsOfInitContainers() =>
        Check(
            TwoInits,
            "phase: Running, initContainerStatuses: [{name: i, restartCount: 4, " + Done + "}, {name: j, " + Done + "}], containerStatuses: [{name: a, restartCount: 1, " + Up + "}]",
            "1/1 Running 1");

    [Theory]
    [InlineData("phase: Pending, initContainerStatuses: [{name: s, state: {running: {}}}]", "0/2 Init:0/1 0")]
    [InlineData("phase: Running, initContainerStatuses: [{name: s, started: true, restartCount: 2, " + Up + "}], containerStatuses: [{name: a, " + Up + "}]", "2/2 Running 2")]
    [InlineData("phase: Running, initContainerStatuses: [{name: s, started: true, ready: false, state: {running: {}}}], containerStatuses: [{name: a, " + Up + "}]", "1/2 Running 0")]
    public void Of_PodWithSidecar_CountsItAmongTheContainers(string status, string expected) => Check(Sidecar, status, expected);

    [Theory]
    [InlineData("phase: Running, containerStatuses: [{name: a, " + Up + "}]", "1/1 Terminating 0")]
    [InlineData("phase: Succeeded, containerStatuses: [{name: a, " + Done + "}]", "0/1 Completed 0")]
    public void Of_DeletedPod_IsTerminatingUnlessItHasEnded(string status, string expected) =>
        Check(One, status, expected, "name: web, deletionTimestamp: '2026-01-01T00:00:00Z'");

    [Fact]
    public void RestartText_WithAKnownEnd_SaysHowLongAgoTheLastOneWas()
    {
        PodSummary summary = PodSummary.Of(Manifest.Pod(
            Two,
            "phase: Running, containerStatuses: ["
            + "{name: a, restartCount: 2, lastState: {terminated: {exitCode: 1, finishedAt: '2026-01-01T00:01:00Z'}}, " + Up + "}, "
            + "{name: b, restartCount: 1, lastState: {terminated: {exitCode: 1, finishedAt: '2026-01-01T00:00:00Z'}}, " + Up + "}]"));

        Assert.Equal("3 (30s ago)", summary.RestartText(new DateTimeOffset(2026, 1, 1, 0, 1, 30, TimeSpan.Zero)));
    }

    private static void Check(string spec, string status, string expected, string metadata = "name: web")
    {
        PodSummary summary = PodSummary.Of(Manifest.Pod(spec, status, metadata));

        Assert.Equal(expected, $"{summary.Ready}/{summary.Total} {summary.Status} {summary.RestartText(DateTimeOffset.UnixEpoch)}");
    }
}
