using PodAgent.Pods.Actions;
using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Status;

/// <summary>
/// One container's status. An ended attempt that will run again shows as waiting once a try to start it has failed or is held back; what
/// it did before moves to lastState.
/// </summary>
internal static class ContainerStatusBuilder
{
    /// <summary>Containers of any runtime behind this engine are named by this scheme in containerID.</summary>
    public const string Scheme = "podagent://";

    public static Core.ContainerStatus Build(PodStatusInput input, Core.Container container, bool init, bool initialized)
    {
        ContainerRecord? latest = LatestOf(input, container, init, initialized);
        ContainerRecord? previous = input.Runtime.Containers
            .Where(c => c.Name == container.Name && c.State == ContainerRunState.Exited)
            .FirstOrDefault(c => latest is null || c.Id != latest.Id);
        input.Issues.TryGetValue(container.Name, out ContainerIssue? issue);

        Core.ContainerStatus status = new()
        {
            Name = container.Name,
            Image = latest is { Image.Length: > 0 } ? latest.Image : container.Image,
            ImageID = latest?.ImageId ?? "",
            RestartCount = Math.Max(latest?.RestartCount ?? 0, previous?.RestartCount + (latest is null ? 1 : 0) ?? 0),
            State = new Core.ContainerState(),
            LastState = new Core.ContainerState(),
            Ready = false,
            Started = false,
        };

        if (latest is null)
        {
            status.State.Waiting = Waiting(issue, init || initialized ? "ContainerCreating" : "PodInitializing");
            SetLast(input, status, previous);
            return status;
        }

        status.ContainerID = Scheme + latest.Id;
        if (latest.User is not null)
        {
            status.User = latest.User.Clone();
        }

        switch (latest.State)
        {
            case ContainerRunState.Running:
                status.State.Running = new Core.ContainerStateRunning { StartedAt = (latest.StartedAt ?? latest.CreatedAt).ToTime() };
                status.Started = input.Probes.IsStarted(latest.Id);
                status.Ready = init && !container.IsSidecar() ? false : input.Probes.IsReady(latest.Id);
                SetLast(input, status, previous);
                break;

            case ContainerRunState.Created:
                status.State.Waiting = Waiting(issue, "ContainerCreating");
                SetLast(input, status, previous);
                break;

            case ContainerRunState.Exited when issue is not null && !input.Terminating
                && RestartRules.ShouldRestart(input.Pod.Spec, container, init, latest.ExitCode):
                status.State.Waiting = Waiting(issue, issue.Reason);
                SetLast(input, status, latest);
                break;

            case ContainerRunState.Exited:
                status.State.Terminated = Terminated(input, latest);
                status.Ready = init && !container.IsSidecar() && latest.ExitCode == 0;
                SetLast(input, status, previous);
                break;

            default:
                status.State.Terminated = new Core.ContainerStateTerminated
                {
                    ExitCode = 137,
                    Reason = "ContainerStatusUnknown",
                    Message = "The container could not be located when the pod was terminated",
                    ContainerID = Scheme + latest.Id,
                };
                SetLast(input, status, previous);
                break;
        }

        return status;
    }

    private static ContainerRecord? LatestOf(PodStatusInput input, Core.Container container, bool init, bool initialized)
    {
        SandboxRecord? sandbox = input.Runtime.NewestSandbox;
        // In a new sandbox init containers start over: what they did in the old one is history, unless the pod ends anyway.
        return init && !initialized && !input.Terminating && sandbox is { Ready: true }
            ? input.Runtime.Latest(container.Name, sandbox.Id)
            : input.Runtime.Latest(container.Name);
    }

    private static Core.ContainerStateWaiting Waiting(ContainerIssue? issue, string reason)
    {
        Core.ContainerStateWaiting waiting = new() { Reason = issue?.Reason ?? reason };
        if (issue is { Message.Length: > 0 })
        {
            waiting.Message = issue.Message;
        }

        return waiting;
    }

    private static void SetLast(PodStatusInput input, Core.ContainerStatus status, ContainerRecord? ended)
    {
        if (ended is not null)
        {
            status.LastState.Terminated = Terminated(input, ended);
        }
    }

    private static Core.ContainerStateTerminated Terminated(PodStatusInput input, ContainerRecord record)
    {
        Core.ContainerStateTerminated terminated = new()
        {
            ExitCode = record.ExitCode,
            Reason = record.Reason.Length > 0 ? record.Reason : record.ExitCode == 0 ? "Completed" : "Error",
            ContainerID = Scheme + record.Id,
        };
        // Only a signal by itself makes the runtime say 128+n; the API has a field for it but the kubelet leaves it empty too.
        if (record.StartedAt is { } started)
        {
            terminated.StartedAt = started.ToTime();
        }

        if (record.FinishedAt is { } finished)
        {
            terminated.FinishedAt = finished.ToTime();
        }

        string message = input.TerminationMessages.TryGetValue(record.Id, out string? text) ? text : record.Message;
        if (message.Length > 0)
        {
            terminated.Message = message;
        }

        return terminated;
    }
}
