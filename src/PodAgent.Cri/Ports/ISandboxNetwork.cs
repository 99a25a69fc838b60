namespace PodAgent.Cri.Ports;

/// <summary>The network of pods that do not use the node's.</summary>
public interface ISandboxNetwork
{
    /// <summary>Why pods cannot be connected now; null: they can.</summary>
    string? Problem { get; }

    /// <summary>Connects a pod's network namespace and returns its addresses, all or nothing.</summary>
    Task<IReadOnlyList<string>> AttachAsync(SandboxNetworkRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Gives back everything that a sandbox got; nothing there is fine, and so is a namespace that is gone. Returns when nobody reaches the
    /// pod any more; its address is free for others a little later, once the kernel has let go of the interface.
    /// </summary>
    Task DetachAsync(string sandboxId, CancellationToken cancellationToken);

    /// <summary>Restores what the named sandboxes need and takes away what belongs to others.</summary>
    Task ReconcileAsync(IReadOnlySet<string> liveSandboxes, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the addresses of pods from another range from now on, also after a restart of the agent. A list with commas is one range for
    /// each family, of which the network uses the one that it has.
    /// </summary>
    /// <exception cref="PodAgent.Linux.AgentException">InvalidArgument: not a range, or of no use here. FailedPrecondition: pods have
    /// addresses of the present one.</exception>
    Task UseSubnetAsync(string ranges, CancellationToken cancellationToken);

    /// <summary>Takes the whole network off the machine; afterwards no pod can be connected.</summary>
    Task RemoveAllAsync(CancellationToken cancellationToken);
}
