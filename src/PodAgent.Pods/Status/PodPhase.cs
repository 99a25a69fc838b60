using PodAgent.Pods.Actions;

namespace PodAgent.Pods.Status;

/// <summary>
/// The pod's phase from its containers' statuses. Pending until plain init containers are done and every container was started once;
/// Running while anything runs or will; Succeeded or Failed when nothing will run again. Sidecars never count towards the end.
/// </summary>
internal static class PodPhase
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    public static bool IsTerminal(string? phase) => phase is Succeeded or Failed;

    public static string Of(
        Core.PodSpec spec,
        IReadOnlyList<Core.ContainerStatus> initStatuses,
        IReadOnlyList<Core.ContainerStatus> statuses,
        bool initialized,
        bool ended)
    {
        bool initPending = false;
        for (int i = 0; i < spec.InitContainers.Count; i++)
        {
            Core.Container container = spec.InitContainers[i];
            Core.ContainerStatus status = initStatuses[i];
            if (container.IsSidecar())
            {
                initPending |= !initialized && status.State.Running is null;
                initPending |= !initialized && !status.Started;
                continue;
            }

            Core.ContainerStateTerminated? terminated = status.State.Terminated;
            if (terminated is { ExitCode: not 0 } && !RestartRules.ShouldRestart(spec, container, init: true, terminated.ExitCode))
            {
                return Failed;
            }

            initPending |= !initialized && terminated is not { ExitCode: 0 };
        }

        int waiting = 0, running = 0, stopped = 0, succeeded = 0, restarting = 0;
        for (int i = 0; i < spec.Containers.Count; i++)
        {
            Core.ContainerStatus status = statuses[i];
            if (status.State.Running is not null)
            {
                running++;
                continue;
            }

            Core.ContainerStateTerminated? end = status.State.Terminated ?? status.LastState.Terminated;
            if (end is null)
            {
                waiting++;
                continue;
            }

            stopped++;
            succeeded += end.ExitCode == 0 ? 1 : 0;
            restarting += RestartRules.ShouldRestart(spec, spec.Containers[i], init: false, end.ExitCode) ? 1 : 0;
        }

        if (ended && running == 0)
        {
            // Ended by the agent: nothing runs again whatever the policy says, and a container that obeyed its stop signal has not succeeded.
            return Failed;
        }

        if (initPending || waiting > 0)
        {
            return Pending;
        }

        if (running > 0 || restarting > 0)
        {
            return Running;
        }

        return stopped == 0 ? Pending : stopped == succeeded ? Succeeded : Failed;
    }
}
