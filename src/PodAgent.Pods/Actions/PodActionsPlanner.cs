using PodAgent.Pods.Probes;
using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Actions;

/// <summary>
/// Decides what a pod needs next. Pure: the same specification, runtime state and probe results always give the same answer, and nothing
/// is touched. Steps:
/// <list type="number">
/// <item>No usable sandbox: stop what is left and create one, if anything still has to run; init containers start over.</item>
/// <item>Init containers in order: the first that is not done holds everything behind it; sidecars hold it only until started.</item>
/// <item>Regular containers: start what should run, replace what changed or failed its probe.</item>
/// <item>Nothing runs and nothing will: stop the pod.</item>
/// </list>
/// </summary>
internal static class PodActionsPlanner
{
    public static PodActions Compute(Core.Pod pod, PodRuntimeStatus status, ProbeSnapshot probes)
    {
        Core.PodSpec spec = pod.Spec;

        // 1
        if (!HasUsableSandbox(spec, status, out uint attempt))
        {
            return PlanNewSandbox(spec, status, attempt);
        }

        SandboxRecord sandbox = status.NewestSandbox!;
        Plan plan = new();

        // 2
        bool initialized = PlanInit(spec, status, sandbox, probes, plan, out bool failed);
        if (failed)
        {
            // The pod is over (an init container may not run again): sidecars must not outlive it.
            return new PodActions { KillPod = true, SandboxId = sandbox.Id };
        }

        // 3
        int alive = 0;
        if (initialized)
        {
            alive = PlanRegular(spec, status, probes, plan);

            // 4
            if (alive == 0 && !plan.Start.Any(s => !s.Init))
            {
                return new PodActions { KillPod = true, SandboxId = sandbox.Id };
            }
        }

        return new PodActions { SandboxId = sandbox.Id, Kill = plan.Kill, Start = plan.Start };
    }

    /// <summary>Whether init containers are behind the pod: then a crash of a regular container never brings them back in this sandbox.</summary>
    public static bool HasInitialized(Core.PodSpec spec, PodRuntimeStatus status, string sandboxId) =>
        spec.Containers.Any(c => status.Latest(c.Name, sandboxId) is { } record && record.State != ContainerRunState.Created);

    private static bool HasUsableSandbox(Core.PodSpec spec, PodRuntimeStatus status, out uint attempt)
    {
        SandboxRecord? newest = status.NewestSandbox;
        attempt = newest is null ? 0 : newest.Attempt + 1;
        if (newest is null || !newest.Ready || status.Sandboxes.Count(s => s.Ready) > 1)
        {
            return false;
        }

        // A change between host and own network, and a sandbox whose network never came up, cannot be repaired in place.
        return newest.HostNetwork == spec.HostNetwork && (newest.HostNetwork || newest.Ips.Count > 0);
    }

    private static PodActions PlanNewSandbox(Core.PodSpec spec, PodRuntimeStatus status, uint attempt)
    {
        List<ContainerRef> start = [];
        for (int i = 0; i < spec.Containers.Count; i++)
        {
            ContainerRecord? latest = status.Latest(spec.Containers[i].Name);
            // What still counts as running goes down with its sandbox: it needs a start as if it had ended by a signal.
            bool wanted = latest?.State == ContainerRunState.Running
                ? RestartRules.ShouldRestart(spec, spec.Containers[i], init: false, 137)
                : RestartRules.ShouldStart(spec, spec.Containers[i], init: false, latest);
            if (wanted)
            {
                start.Add(new ContainerRef(false, i));
            }
        }

        if (start.Count == 0 || InitFailedForGood(spec, status))
        {
            return new PodActions { KillPod = status.AnythingAlive };
        }

        return new PodActions
        {
            KillPod = status.AnythingAlive,
            CreateSandbox = true,
            Attempt = attempt,
            Start = spec.InitContainers.Count > 0 ? [new ContainerRef(true, 0)] : start,
        };
    }

    private static bool InitFailedForGood(Core.PodSpec spec, PodRuntimeStatus status) =>
        spec.InitContainers.Any(c => !c.IsSidecar()
            && status.Latest(c.Name) is { State: ContainerRunState.Exited } record
            && record.ExitCode != 0
            && !RestartRules.ShouldRestart(spec, c, init: true, record.ExitCode));

    /// <returns>True when regular containers may run.</returns>
    private static bool PlanInit(
        Core.PodSpec spec, PodRuntimeStatus status, SandboxRecord sandbox, ProbeSnapshot probes, Plan plan, out bool failed)
    {
        failed = false;
        bool initialized = HasInitialized(spec, status, sandbox.Id);
        int reached = spec.InitContainers.Count;
        if (!initialized)
        {
            // An init container that exists in this sandbox proves that all before it were passed, even if a sidecar among them fell since.
            while (reached > 0 && status.Latest(spec.InitContainers[reached - 1].Name, sandbox.Id) is null)
            {
                reached--;
            }
        }

        for (int i = 0; i < spec.InitContainers.Count; i++)
        {
            Core.Container container = spec.InitContainers[i];
            ContainerRecord? latest = status.Latest(container.Name, sandbox.Id);
            ContainerRef reference = new(true, i);
            if (container.IsSidecar())
            {
                bool started = PlanSidecar(container, latest, reference, probes, plan);
                if (!started && !initialized && i >= reached - 1)
                {
                    return false;
                }

                continue;
            }

            if (initialized || latest is { Succeeded: true })
            {
                continue;
            }

            if (latest is { State: ContainerRunState.Running })
            {
                return false;
            }

            if (latest is { State: ContainerRunState.Exited } && !RestartRules.ShouldRestart(spec, container, init: true, latest.ExitCode))
            {
                failed = true;
                return false;
            }

            if (latest is { State: ContainerRunState.Unknown })
            {
                plan.Kill.Add(new ContainerKill(latest, $"Init container {container.Name} is in unknown state, try killing it before restart"));
            }

            plan.Start.Add(reference);
            return false;
        }

        return true;
    }

    private static bool PlanSidecar(Core.Container container, ContainerRecord? latest, ContainerRef reference, ProbeSnapshot probes, Plan plan)
    {
        if (latest is not { State: ContainerRunState.Running })
        {
            if (latest is { State: ContainerRunState.Unknown })
            {
                plan.Kill.Add(new ContainerKill(latest, $"Init container {container.Name} is in unknown state, try killing it before restart"));
            }

            plan.Start.Add(reference);
            return false;
        }

        if (KillToReplace(container, latest, probes, "Init container") is { } kill)
        {
            plan.Kill.Add(ToRestart(kill));
            plan.Start.Add(reference);
            return false;
        }

        return probes.IsStarted(latest.Id);
    }

    private static int PlanRegular(Core.PodSpec spec, PodRuntimeStatus status, ProbeSnapshot probes, Plan plan)
    {
        int alive = 0;
        for (int i = 0; i < spec.Containers.Count; i++)
        {
            Core.Container container = spec.Containers[i];
            ContainerRecord? latest = status.Latest(container.Name);
            if (latest is not { State: ContainerRunState.Running })
            {
                if (RestartRules.ShouldStart(spec, container, init: false, latest))
                {
                    if (latest is { State: ContainerRunState.Unknown })
                    {
                        plan.Kill.Add(new ContainerKill(latest, $"Container {container.Name} is in unknown state, try killing it before restart"));
                    }

                    plan.Start.Add(new ContainerRef(false, i));
                }

                continue;
            }

            if (KillToReplace(container, latest, probes, "Container") is not { } kill)
            {
                alive++;
                continue;
            }

            // A changed definition always runs; a failed probe counts as a failure of the container.
            bool restart = latest.Hash.Length > 0 && latest.Hash != ContainerHash.Of(container)
                || RestartRules.ShouldRestart(spec, container, init: false, 137);
            plan.Kill.Add(restart ? ToRestart(kill) : kill);
            if (restart)
            {
                plan.Start.Add(new ContainerRef(false, i));
            }
            else
            {
                // Until it has ended the pod is not over.
                alive++;
            }
        }

        return alive;
    }

    private static ContainerKill? KillToReplace(Core.Container container, ContainerRecord latest, ProbeSnapshot probes, string kind)
    {
        if (latest.Hash.Length > 0 && latest.Hash != ContainerHash.Of(container))
        {
            return new ContainerKill(latest, $"{kind} {container.Name} definition changed");
        }

        return probes.LivenessFailed.Contains(latest.Id) ? new ContainerKill(latest, $"{kind} {container.Name} failed liveness probe", ProbeKind.Liveness)
            : probes.StartupFailed.Contains(latest.Id) ? new ContainerKill(latest, $"{kind} {container.Name} failed startup probe", ProbeKind.Startup)
            : null;
    }

    private static ContainerKill ToRestart(ContainerKill kill) => kill with { Message = kill.Message + ", will be restarted" };

    private sealed class Plan
    {
        public List<ContainerKill> Kill { get; } = [];

        public List<ContainerRef> Start { get; } = [];
    }
}
