using Microsoft.Extensions.Logging;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Events;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri;

/// <summary>What the calls share: the stores, and the ports to the machine.</summary>
internal sealed class CriContext : IDisposable
{
    public CriContext(CriOptions options, CriPorts ports, ILogger log, TimeProvider time)
    {
        Options = options;
        Ports = ports;
        Log = log;
        Time = time;
        Sandboxes = new SandboxStore(options);
        Containers = new ContainerStore(options);
        Events = new EventPublisher(this);
        Sandboxes.Observer = Events;
        Containers.Observer = Events;
        Exits = new ContainerExits(this);
    }

    public CriOptions Options { get; }

    public CriPorts Ports { get; }

    public ILogger Log { get; }

    public TimeProvider Time { get; }

    public SandboxStore Sandboxes { get; }

    public ContainerStore Containers { get; }

    public JoinableOperations Creations { get; } = new();

    public EventPublisher Events { get; }

    public ContainerExits Exits { get; }

    // Cancelled when this agent lets go of its pods; they go on without it.
    public CancellationTokenSource Closing { get; } = new();

    public Rollback NewRollback() => new(Options.RollbackTimeout, Time);

    public void Dispose()
    {
        Closing.Cancel();
        Events.Complete();
    }
}
