using System.Threading.Channels;
using PodAgent.Containers.Protocol;
using PodAgent.Linux;

namespace PodAgent.Cri.Ports;

/// <summary>The runtime's end of the line to one pod's supervisor; the requests are those of the sandbox protocol.</summary>
public interface ISandboxSupervisor : IAsyncDisposable
{
    /// <summary>Completes when the supervisor is gone.</summary>
    Task Closed { get; }

    /// <summary>
    /// The network namespace that the pod will be in unless it is in the node's, when it was made ahead; the caller's from then on. Null: it
    /// comes into being with pause, or was taken before.
    /// </summary>
    Fd? TakeNetworkNamespace();

    /// <summary>Exits and out-of-memory kills, after <see cref="SubscribeAsync"/>.</summary>
    ChannelReader<Message> Events { get; }

    /// <summary>Asks for events from now on.</summary>
    Task SubscribeAsync(CancellationToken cancellationToken);

    /// <summary>Everything the supervisor knows.</summary>
    Task<StateReply> GetStateAsync(CancellationToken cancellationToken);

    /// <summary>Makes the pod's namespaces.</summary>
    Task<CreateSandboxReply> CreateSandboxAsync(SandboxSpec spec, CancellationToken cancellationToken);

    /// <summary>Starts a container; the specification's descriptor fields index <paramref name="descriptors"/>.</summary>
    Task<StartReply> StartContainerAsync(ContainerSpec spec, IReadOnlyList<Fd> descriptors, CancellationToken cancellationToken);

    /// <summary>Starts a process in a container.</summary>
    Task<StartReply> ExecAsync(ExecRequest request, IReadOnlyList<Fd> descriptors, CancellationToken cancellationToken);

    /// <summary>Copies a container's streams to descriptors.</summary>
    Task AttachAsync(AttachRequest request, IReadOnlyList<Fd> descriptors, CancellationToken cancellationToken);

    /// <summary>Sends a signal to a container, an exec, or (empty ID) all containers.</summary>
    Task SignalAsync(string id, int signal, bool all, CancellationToken cancellationToken);

    /// <summary>Sets a container's terminal size.</summary>
    Task ResizeAsync(string id, uint columns, uint rows, CancellationToken cancellationToken);

    /// <summary>Closes and opens the log file by name.</summary>
    Task ReopenLogAsync(string id, CancellationToken cancellationToken);

    /// <summary>Drops the record of an ended process.</summary>
    Task ForgetAsync(string id, CancellationToken cancellationToken);

    /// <summary>Kills what is left in the pod and ends the supervisor.</summary>
    Task ShutdownAsync(CancellationToken cancellationToken);
}
