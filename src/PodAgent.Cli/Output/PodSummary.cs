using PodAgent.Api.Core;

namespace PodAgent.Cli.Output;

/// <summary>The READY, STATUS and RESTARTS columns of a pod, computed as kubectl's pod printer does.</summary>
internal sealed record PodSummary(int Ready, int Total, string Status, int Restarts, DateTimeOffset? LastRestart)
{
    public static PodSummary Of(Pod pod)
    {
        PodStatus status = pod.Status ?? new PodStatus();
        int sidecars = pod.Spec.InitContainers.Count(IsSidecar);
        int total = pod.Spec.Containers.Count + sidecars;
        string reason = status.HasReason && status.Reason.Length > 0 ? status.Reason : status.Phase.Length > 0 ? status.Phase : "Pending";

        var tally = new Tally();
        (string? initReason, bool initializing) = Initialisation(pod, status, tally);
        reason = initReason ?? reason;
        if (!initializing || HasCondition(status, "Initialized"))
        {
            // Restarts of finished init containers no longer interest anybody; those of sidecars do.
            tally.ForgetInitRestarts();
            reason = Regular(status, tally, reason);
        }

        bool ended = status.Phase is "Succeeded" or "Failed";
        if (pod.Metadata.DeletionTimestamp is not null && !ended)
        {
            reason = "Terminating";
        }

        return new PodSummary(tally.Ready, total, reason, tally.Restarts, tally.LastRestart);
    }

    public static bool IsSidecar(Container container) => container.RestartPolicy == "Always";

    /// <summary>The RESTARTS column: the number, and how long ago the last one was.</summary>
    public string RestartText(DateTimeOffset now) =>
        Restarts > 0 && LastRestart is { } last ? $"{Restarts} ({Age.Format(now - last)} ago)" : $"{Restarts}";

    private static (string? Reason, bool Initializing) Initialisation(Pod pod, PodStatus status, Tally tally)
    {
        for (int i = 0; i < status.InitContainerStatuses.Count; i++)
        {
            ContainerStatus container = status.InitContainerStatuses[i];
            bool sidecar = pod.Spec.InitContainers.FirstOrDefault(c => c.Name == container.Name) is { } spec && IsSidecar(spec);
            tally.Count(container, sidecar);
            ContainerStateTerminated? ended = container.State?.Terminated;
            if (ended is { ExitCode: 0 })
            {
                continue;
            }

            if (sidecar && container.Started)
            {
                tally.Ready += container.Ready ? 1 : 0;
                continue;
            }

            if (ended is not null)
            {
                return ("Init:" + EndReason(ended), true);
            }

            string waiting = container.State?.Waiting?.Reason ?? "";
            return waiting.Length > 0 && waiting != "PodInitializing"
                ? ("Init:" + waiting, true)
                : ($"Init:{i}/{pod.Spec.InitContainers.Count}", true);
        }

        return (null, false);
    }

    private static string Regular(PodStatus status, Tally tally, string reason)
    {
        bool hasRunning = false;
        foreach (ContainerStatus container in status.ContainerStatuses.Reverse())
        {
            tally.Count(container, keep: true);
            if (container.State?.Waiting is { Reason.Length: > 0 } waiting)
            {
                reason = waiting.Reason;
            }
            else if (container.State?.Terminated is { } ended)
            {
                reason = EndReason(ended);
            }
            else if (container.Ready && container.State?.Running is not null)
            {
                hasRunning = true;
                tally.Ready++;
            }
        }

        return reason == "Completed" && hasRunning ? HasCondition(status, "Ready") ? "Running" : "NotReady" : reason;
    }

    private static string EndReason(ContainerStateTerminated ended) =>
        ended.Reason.Length > 0 ? ended.Reason : ended.Signal != 0 ? $"Signal:{ended.Signal}" : $"ExitCode:{ended.ExitCode}";

    private static bool HasCondition(PodStatus status, string type) =>
        status.Conditions.Any(condition => condition.Type == type && condition.Status == "True");

    /// <summary>What the columns add up.</summary>
    private sealed class Tally
    {
        private int _kept;
        private DateTimeOffset? _lastKept;

        public int Ready { get; set; }

        public int Restarts { get; private set; }

        public DateTimeOffset? LastRestart { get; private set; }

        public void Count(ContainerStatus container, bool keep)
        {
            DateTimeOffset? finished = container.LastState?.Terminated?.FinishedAt is { } time
                ? DateTimeOffset.FromUnixTimeSeconds(time.Seconds)
                : null;
            Restarts += container.RestartCount;
            LastRestart = Later(LastRestart, finished);
            if (keep)
            {
                _kept += container.RestartCount;
                _lastKept = Later(_lastKept, finished);
            }
        }

        public void ForgetInitRestarts()
        {
            Restarts = _kept;
            LastRestart = _lastKept;
        }

        private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) =>
            one is null || other > one ? other ?? one : one;
    }
}
