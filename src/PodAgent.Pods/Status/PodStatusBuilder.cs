using PodAgent.Pods.Actions;
using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Status;

/// <summary>The pod's status from specification, runtime, probes and what was published before. Pure.</summary>
internal static class PodStatusBuilder
{
    public static Core.PodStatus Build(PodStatusInput input)
    {
        Core.PodSpec spec = input.Pod.Spec;
        SandboxRecord? sandbox = input.Runtime.NewestSandbox;
        bool initialized = spec.InitContainers.Count == 0
            || (sandbox is not null && PodActionsPlanner.HasInitialized(spec, input.Runtime, sandbox.Id));

        Core.PodStatus status = new()
        {
            QosClass = QualityOfService.Of(input.Pod).ToString(),
            StartTime = input.Previous?.StartTime?.Clone() ?? input.Now.ToTime(),
            ObservedGeneration = input.Pod.Metadata.Generation,
        };
        foreach (Core.Container container in spec.InitContainers)
        {
            status.InitContainerStatuses.Add(ContainerStatusBuilder.Build(input, container, init: true, initialized));
        }

        foreach (Core.Container container in spec.Containers)
        {
            status.ContainerStatuses.Add(ContainerStatusBuilder.Build(input, container, init: false, initialized));
        }

        SetPhase(input, status, initialized);
        SetAddresses(input, status, sandbox);
        status.Conditions.AddRange(PodConditions.Build(input, status, initialized));
        return status;
    }

    private static void SetPhase(PodStatusInput input, Core.PodStatus status, bool initialized)
    {
        string phase = PodPhase.Of(
            input.Pod.Spec, status.InitContainerStatuses, status.ContainerStatuses, initialized, ended: input.Cause is not null);
        if (input.Terminating && input.Cause is null && !PodPhase.IsTerminal(phase))
        {
            // While its containers are being stopped a pod keeps the phase that it had.
            phase = input.Previous is { HasPhase: true } ? input.Previous.Phase : phase;
        }

        // Terminal phases are final: a late report of the runtime must not bring a finished pod back.
        status.Phase = PodPhase.IsTerminal(input.Previous?.Phase) ? input.Previous!.Phase : phase;
        if (input.Cause is not null)
        {
            status.Reason = input.Cause.Reason;
            status.Message = input.Cause.Message;
        }
    }

    private static void SetAddresses(PodStatusInput input, Core.PodStatus status, SandboxRecord? sandbox)
    {
        foreach (string ip in input.HostIps)
        {
            status.HostIPs.Add(new Core.HostIP { Ip = ip });
        }

        if (input.HostIps.Count > 0)
        {
            status.HostIP = input.HostIps[0];
        }

        // A stopped sandbox has given its addresses back; the pod keeps showing the last ones, as users know it.
        IEnumerable<string> ips = sandbox is null ? []
            : sandbox.HostNetwork ? input.HostIps
            : sandbox.Ips.Count > 0 ? sandbox.Ips
            : input.Previous?.PodIPs.Select(p => p.Ip) ?? [];
        foreach (string ip in ips)
        {
            status.PodIPs.Add(new Core.PodIP { Ip = ip });
        }

        if (status.PodIPs.Count > 0)
        {
            status.PodIP = status.PodIPs[0].Ip;
        }
    }
}
