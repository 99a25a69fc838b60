using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Actions;

/// <summary>Whether an ended container runs again: its own rules by exit code, its own policy, the pod's policy, in this order.</summary>
internal static class RestartRules
{
    /// <summary>For any state; null means that the container never existed.</summary>
    public static bool ShouldStart(Core.PodSpec spec, Core.Container container, bool init, ContainerRecord? latest) => latest?.State switch
    {
        null => true,
        ContainerRunState.Running => false,
        // Left behind between create and start, or lost by the runtime: another attempt is the only way to know.
        ContainerRunState.Created or ContainerRunState.Unknown => true,
        ContainerRunState.Exited => ShouldRestart(spec, container, init, latest.ExitCode),
        _ => throw new ArgumentOutOfRangeException(nameof(latest), latest.State, null),
    };

    public static bool ShouldRestart(Core.PodSpec spec, Core.Container container, bool init, int exitCode)
    {
        foreach (Core.ContainerRestartRule rule in container.RestartPolicyRules)
        {
            bool listed = rule.ExitCodes?.Values.Contains(exitCode) ?? false;
            if (rule.ExitCodes is not null && (rule.ExitCodes.Operator == "NotIn" ? !listed : listed))
            {
                // "Restart" and "RestartAllContainers" both bring this container back.
                return true;
            }
        }

        string policy = container.HasRestartPolicy && container.RestartPolicy.Length > 0 ? container.RestartPolicy : spec.EffectiveRestartPolicy();
        return policy switch
        {
            "Never" => false,
            "OnFailure" => exitCode != 0,
            // A plain init container that succeeded is done under every policy.
            _ => !init || container.IsSidecar() || exitCode != 0,
        };
    }
}
