using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Status;

/// <summary>The pod's conditions, in the order in which kubectl shows them, with the time since when each has its value.</summary>
internal static class PodConditions
{
    public static IEnumerable<Core.PodCondition> Build(PodStatusInput input, Core.PodStatus status, bool initialized)
    {
        bool sandboxReady = input.Runtime.NewestSandbox is { Ready: true } sandbox && (sandbox.HostNetwork || sandbox.Ips.Count > 0);
        List<Core.PodCondition> conditions =
        [
            New("PodReadyToStartContainers", sandboxReady),
            Initialized(input, status, initialized),
        ];
        Core.PodCondition containersReady = ContainersReady(input, status);
        conditions.Add(Ready(input, containersReady));
        conditions.Add(containersReady);
        conditions.Add(New("PodScheduled", true));

        foreach (Core.PodCondition condition in conditions)
        {
            Core.PodCondition? old = input.Previous?.Conditions.FirstOrDefault(c => c.Type == condition.Type);
            condition.LastTransitionTime = old is not null && old.Status == condition.Status && old.LastTransitionTime is not null
                ? old.LastTransitionTime.Clone()
                : input.Now.ToTime();
            condition.ObservedGeneration = input.Pod.Metadata.Generation;
        }

        return conditions;
    }

    private static Core.PodCondition Initialized(PodStatusInput input, Core.PodStatus status, bool initialized)
    {
        List<string> incomplete = [];
        for (int i = 0; i < input.Pod.Spec.InitContainers.Count && !initialized; i++)
        {
            Core.Container container = input.Pod.Spec.InitContainers[i];
            Core.ContainerStatus init = status.InitContainerStatuses[i];
            bool done = container.IsSidecar() ? init.State.Running is not null && init.Started : init.State.Terminated is { ExitCode: 0 };
            if (!done)
            {
                incomplete.Add(container.Name);
            }
        }

        return status.Phase == PodPhase.Succeeded ? New("Initialized", true, "PodCompleted")
            : incomplete.Count == 0 ? New("Initialized", true)
            : New("Initialized", false, "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', incomplete)}]");
    }

    private static Core.PodCondition ContainersReady(PodStatusInput input, Core.PodStatus status)
    {
        if (PodPhase.IsTerminal(status.Phase))
        {
            return New("ContainersReady", false, status.Phase == PodPhase.Succeeded ? "PodCompleted" : "PodFailed");
        }

        IEnumerable<Core.ContainerStatus> sidecars = status.InitContainerStatuses
            .Where((_, i) => input.Pod.Spec.InitContainers[i].IsSidecar());
        List<string> unready = [.. sidecars.Concat(status.ContainerStatuses).Where(s => !s.Ready).Select(s => s.Name)];
        return unready.Count == 0
            ? New("ContainersReady", true)
            : New("ContainersReady", false, "ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]");
    }

    private static Core.PodCondition Ready(PodStatusInput input, Core.PodCondition containersReady)
    {
        if (containersReady.Status != "True")
        {
            return New("Ready", false, containersReady.Reason, containersReady.HasMessage ? containersReady.Message : null);
        }

        // Nobody sets such conditions here yet, so a gate holds the pod back and says by what.
        List<string> missing = [.. input.Pod.Spec.ReadinessGates.Select(g => g.ConditionType)
            .Where(type => input.Previous?.Conditions.Any(c => c.Type == type && c.Status == "True") != true)];
        return missing.Count == 0
            ? New("Ready", true)
            : New("Ready", false, "ReadinessGatesNotReady", string.Join(", ", missing.Select(m => $"corresponding condition of pod readiness gate \"{m}\" does not exist.")));
    }

    private static Core.PodCondition New(string type, bool value, string? reason = null, string? message = null)
    {
        Core.PodCondition condition = new() { Type = type, Status = value ? "True" : "False" };
        if (reason is not null)
        {
            condition.Reason = reason;
        }

        if (message is not null)
        {
            condition.Message = message;
        }

        return condition;
    }
}
