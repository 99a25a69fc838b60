using PodAgent.Api.Cri;
using PodAgent.Linux;

namespace PodAgent.Cri.Stores;

/// <summary>Which verb is possible in which state, and which move between states a record may make.</summary>
public static class ContainerGuards
{
    /// <summary>Whether the verb has something to do, is already fulfilled, or is refused.</summary>
    public static VerbAnswer Answer(ContainerState state, ContainerVerb verb) => (verb, state) switch
    {
        (ContainerVerb.Start, ContainerState.ContainerCreated) => VerbAnswer.Proceed,
        (ContainerVerb.Start, ContainerState.ContainerRunning) => VerbAnswer.Refuse,
        (ContainerVerb.Start, ContainerState.ContainerExited) => VerbAnswer.Refuse,
        (ContainerVerb.Start, ContainerState.ContainerUnknown) => VerbAnswer.Refuse,

        (ContainerVerb.Stop, ContainerState.ContainerCreated) => VerbAnswer.Fulfilled,
        (ContainerVerb.Stop, ContainerState.ContainerRunning) => VerbAnswer.Proceed,
        (ContainerVerb.Stop, ContainerState.ContainerExited) => VerbAnswer.Fulfilled,
        (ContainerVerb.Stop, ContainerState.ContainerUnknown) => VerbAnswer.Proceed,

        // A running container is killed first: clients remove without stopping.
        (ContainerVerb.Remove, ContainerState.ContainerCreated) => VerbAnswer.Proceed,
        (ContainerVerb.Remove, ContainerState.ContainerRunning) => VerbAnswer.Proceed,
        (ContainerVerb.Remove, ContainerState.ContainerExited) => VerbAnswer.Proceed,
        (ContainerVerb.Remove, ContainerState.ContainerUnknown) => VerbAnswer.Proceed,

        (ContainerVerb.Exec or ContainerVerb.Attach or ContainerVerb.ReopenLog, ContainerState.ContainerCreated) => VerbAnswer.Refuse,
        (ContainerVerb.Exec or ContainerVerb.Attach or ContainerVerb.ReopenLog, ContainerState.ContainerRunning) => VerbAnswer.Proceed,
        (ContainerVerb.Exec or ContainerVerb.Attach or ContainerVerb.ReopenLog, ContainerState.ContainerExited) => VerbAnswer.Refuse,
        (ContainerVerb.Exec or ContainerVerb.Attach or ContainerVerb.ReopenLog, ContainerState.ContainerUnknown) => VerbAnswer.Refuse,

        (ContainerVerb.UpdateResources, ContainerState.ContainerCreated) => VerbAnswer.Proceed,
        (ContainerVerb.UpdateResources, ContainerState.ContainerRunning) => VerbAnswer.Proceed,
        (ContainerVerb.UpdateResources, ContainerState.ContainerExited) => VerbAnswer.Refuse,
        (ContainerVerb.UpdateResources, ContainerState.ContainerUnknown) => VerbAnswer.Refuse,

        _ => throw new ArgumentOutOfRangeException(nameof(verb), $"{verb} in {state}"),
    };

    /// <summary>Throws when the verb is refused; says whether there is something to do.</summary>
    /// <exception cref="AgentException">FailedPrecondition.</exception>
    public static bool Check(ContainerRecord container, ContainerVerb verb) => Answer(container.State, verb) switch
    {
        VerbAnswer.Proceed => true,
        VerbAnswer.Fulfilled => false,
        VerbAnswer.Refuse => throw new AgentException(
            ErrorKind.FailedPrecondition,
            $"cannot {Describe(verb)} container \"{container.Name}\" ({RuntimeId.Short(container.Id)}): it {Describe(container.State)}"),
        var other => throw new ArgumentOutOfRangeException(nameof(verb), $"{other}"),
    };

    /// <summary>Throws when a record could not have become the other: time does not run backwards.</summary>
    public static void CheckMove(ContainerRecord from, ContainerRecord to)
    {
        bool possible = (from.State, to.State) switch
        {
            (ContainerState.ContainerCreated, _) => true,
            (ContainerState.ContainerRunning, ContainerState.ContainerRunning or ContainerState.ContainerExited) => true,
            (ContainerState.ContainerExited, ContainerState.ContainerExited) => from.FinishedAt == to.FinishedAt && from.ExitCode == to.ExitCode,
            (ContainerState.ContainerUnknown, ContainerState.ContainerUnknown or ContainerState.ContainerExited) => true,
            _ => false,
        };
        if (!possible || from.Id != to.Id)
        {
            throw new InvalidOperationException($"container {from.Id} cannot go from {from.State} to {to.State}");
        }
    }

    private static string Describe(ContainerVerb verb) => verb switch
    {
        ContainerVerb.Start => "start",
        ContainerVerb.Stop => "stop",
        ContainerVerb.Remove => "remove",
        ContainerVerb.Exec => "run a command in",
        ContainerVerb.Attach => "attach to",
        ContainerVerb.ReopenLog => "reopen the log of",
        ContainerVerb.UpdateResources => "change the resources of",
        _ => throw new ArgumentOutOfRangeException(nameof(verb)),
    };

    private static string Describe(ContainerState state) => state switch
    {
        ContainerState.ContainerCreated => "has not been started",
        ContainerState.ContainerRunning => "is running",
        ContainerState.ContainerExited => "has ended",
        ContainerState.ContainerUnknown => "is in an unknown state",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}
