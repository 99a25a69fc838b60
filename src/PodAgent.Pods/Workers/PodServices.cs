using Microsoft.Extensions.Logging;
using PodAgent.Pods.Actions;
using PodAgent.Pods.Config;
using PodAgent.Pods.Events;
using PodAgent.Pods.Images;
using PodAgent.Pods.Lifecycle;
using PodAgent.Pods.Probes;
using PodAgent.Pods.Runtime;
using PodAgent.Pods.Volumes;

namespace PodAgent.Pods.Workers;

/// <summary>What the workers of a node share. Composed once by the engine.</summary>
internal sealed class PodServices
{
    private readonly Lazy<ContainerStopper> _stopper;
    private readonly Lazy<PodTerminator> _terminator;
    private readonly Lazy<PodSyncer> _syncer;

    public PodServices()
    {
        _stopper = new Lazy<ContainerStopper>(() => new ContainerStopper(this));
        _terminator = new Lazy<PodTerminator>(() => new PodTerminator(this));
        _syncer = new Lazy<PodSyncer>(() => new PodSyncer(this));
    }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public required PodEngineOptions Options { get; init; }

    public required NodeFacts Node { get; init; }

    public required PodDirectories Directories { get; init; }

    public required EventRecorder Events { get; init; }

    public required Cri.RuntimeService.RuntimeServiceClient Cri { get; init; }

    public required PodRuntimeReader Reader { get; init; }

    public required SandboxConfigFactory SandboxConfigs { get; init; }

    public required ContainerConfigFactory ContainerConfigs { get; init; }

    public required VolumeHost Volumes { get; init; }

    public required ImagePresence Images { get; init; }

    public required BackOff CrashBackOff { get; init; }

    public required HookRunner Hooks { get; init; }

    public required ProbeController Probes { get; init; }

    /// <summary>Told each new status of a pod.</summary>
    public required Action<PodWorker, Core.PodStatus> StatusChanged { get; init; }

    /// <summary>Told when nothing of a pod runs any more.</summary>
    public required Action<PodWorker> PodTerminated { get; init; }

    // These three use the services above themselves.
    public ContainerStopper Stopper => _stopper.Value;

    public PodTerminator Terminator => _terminator.Value;

    public PodSyncer Syncer => _syncer.Value;
}
