using System.Collections.Concurrent;
using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Linux.Networking;
using PodAgent.Linux.Nftables;
using PodAgent.Network.Addresses;
using PodAgent.Network.HostPorts;
using PodAgent.Network.Links;
using PodAgent.Network.Records;
using PodAgent.Network.Rules;

namespace PodAgent.Network;

/// <summary>
/// The built-in pod network: a bridge with a veth pair per sandbox, addresses from one subnet, masquerading towards the outside, and
/// published host ports. All of it lives in the kernel and in small files; disposing this object, or losing the process, leaves running
/// pods connected, and <see cref="OpenAsync"/> followed by <see cref="ReconcileAsync"/> takes everything up again.
/// </summary>
/// <remarks>
/// All changes run on one thread of their own, in the host's network namespace, one after the other: netlink and libnftables hold
/// kernel-wide locks anyway, and nothing here needs a lock of its own. Methods may be called from any thread.
/// The host's firewall is the host's: where another table or iptables drops forwarded packets, they stay dropped.
/// </remarks>
public sealed partial class BridgeNetwork : IAsyncDisposable
{
    private const string PodInterface = "eth0";

    private readonly BridgeNetworkOptions _options;
    private readonly NetworkNamespaceThread _thread;
    private readonly ConcurrentDictionary<string, NetworkAttachment> _attachments = new();
    private readonly List<string> _openProblems = [];
    // Detachments under way, by sandbox; touched by the network thread only.
    private readonly Dictionary<string, Task> _detaching = [];
    private readonly NftRuleset _ruleset;
    private RouteSocket _socket = null!;
    private NftContext _nft = null!;
    private HostLinks _links = null!;
    private AddressPool _addresses = null!;
    private AttachmentStore _records = null!;
    private HostPortTable _ports = null!;
    private IpForwarding _forwarding = null!;
    private VethRemover _remover = null!;
    private ConntrackTable _flows = null!;
    private bool _removed;

    private BridgeNetwork(BridgeNetworkOptions options)
    {
        _options = options;
        _ruleset = new NftRuleset(options);
        _thread = new NetworkNamespaceThread("network", options.HostNetworkNamespace);
    }

    /// <summary>Makes what is missing of the bridge, its address, forwarding and rules, and reads the stored attachments.</summary>
    /// <exception cref="AgentException">InvalidArgument: the options cannot work. FailedPrecondition: something the network needs is
    /// missing on the host, or belongs to somebody else.</exception>
    public static async Task<BridgeNetwork> OpenAsync(BridgeNetworkOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        var network = new BridgeNetwork(options);
        try
        {
            await network._thread.InvokeAsync(network.Open).ConfigureAwait(false);
            return network;
        }
        catch
        {
            await network.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives a sandbox its interface, address, routes and host ports, or changes nothing. Its loopback interface is set up
    /// too.</summary>
    /// <exception cref="AgentException">AlreadyExists: the sandbox is attached, or a host port has a holder, who is named.
    /// ResourceExhausted: no address, or no place on the bridge, is left. InvalidArgument: the request cannot work.</exception>
    public Task<NetworkAttachment> AttachAsync(AttachmentRequest request, CancellationToken cancellationToken)
    {
        NetworkAttachment plan = Plan(request);
        return _thread.InvokeAsync(() =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Attach(plan, request.NetworkNamespace);
        });
    }

    /// <summary>Takes away everything that a sandbox has in this network. Does nothing for one that has nothing, and needs nothing of the
    /// sandbox itself.</summary>
    /// <exception cref="AgentException">The kernel refused; the call can be repeated.</exception>
    public async Task DetachAsync(string sandboxId, CancellationToken cancellationToken)
    {
        Detachment detachment = await BeginDetachAsync(sandboxId, cancellationToken).ConfigureAwait(false);
        await detachment.Finished.ConfigureAwait(false);
    }

    /// <summary>
    /// As <see cref="DetachAsync"/>, and returns when nobody reaches the sandbox any more and its host ports are free. Its address is leased
    /// to others only after the kernel has let go of the interface, which takes tens of milliseconds; should this process end before, the
    /// next reconciliation finishes it. Once begun it is finished: half a detachment is of no use to anybody.
    /// </summary>
    /// <exception cref="AgentException">The kernel refused; the call can be repeated.</exception>
    public Task<Detachment> BeginDetachAsync(string sandboxId, CancellationToken cancellationToken)
    {
        CheckId(sandboxId);
        return _thread.InvokeAsync(() =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new Detachment(BeginDetach(sandboxId));
        });
    }

    /// <summary>Removes what belongs to no living sandbox and restores what is missing of the rest: bridge, forwarding, rules, leases,
    /// ports. Call it after opening, before the first attachment; an attachment that is not named is removed.</summary>
    /// <exception cref="AgentException">The network as a whole cannot be restored.</exception>
    public Task<NetworkReconciliation> ReconcileAsync(IReadOnlySet<string> liveSandboxes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return RestoreAsync(liveSandboxes);
    }

    /// <summary>A sandbox's attachment; null when it has none.</summary>
    public NetworkAttachment? Find(string sandboxId) => _attachments.GetValueOrDefault(sandboxId);

    /// <summary>Takes the whole network down: all attachments, the rules, the stored state, the bridge if this program made it, and
    /// forwarding if it was off before. Afterwards this object is good only for disposal.</summary>
    /// <exception cref="AgentException">The kernel refused; the call can be repeated.</exception>
    public Task RemoveAllAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TakeDownAsync();
    }

    /// <summary>
    /// Stops forwarding over loopback and lets go of everything in this process; the pods stay connected. Detachments that have begun are
    /// finished first.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            Task[] detaching = await _thread.InvokeAsync(() => _detaching.Values.ToArray()).ConfigureAwait(false);
            await Task.WhenAll(detaching).ContinueWith(
                static finished => _ = finished.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
                .ConfigureAwait(false);
            await _thread.InvokeAsync(() =>
            {
                _ports?.Dispose();
                _remover?.Dispose();
                _flows?.Dispose();
                _nft?.Dispose();
                _socket?.Dispose();
            }).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        _thread.Dispose();
    }

    // 1 sockets, 2 bridge, 3 forwarding, 4 stored state, 5 claims on ports, 6 rules with the ports of the stored attachments: they may
    // have been flushed while no agent ran.
    private void Open()
    {
        try
        {
            // 1
            _socket = new RouteSocket();
            _remover = new VethRemover(new RouteSocket());
            _nft = NftContext.Open();
            _flows = new ConntrackTable();
            Directory.CreateDirectory(_options.StateDirectory);
            // 2
            _links = new HostLinks(_options, _socket);
            _links.EnsureBridge();
            // 3
            _forwarding = new IpForwarding(_options.StateDirectory);
            _forwarding.Enable();
            // 4
            _addresses = AddressPool.Open(_options.Subnet, Path.Combine(_options.StateDirectory, "leases"));
            _records = new AttachmentStore(Path.Combine(_options.StateDirectory, "attachments"));
            _ports = new HostPortTable(
                new HostSockets(_options.HostNetworkNamespace is null ? null : _thread), _options.TimeProvider);
            foreach (NetworkAttachment attachment in _records.Load(_openProblems))
            {
                _attachments[attachment.SandboxId] = attachment;
                // 5
                _ports.Claim(attachment);
            }

            // 6
            ReplaceRules();
        }
        catch (IOException e)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot set up the pod network on bridge \"{_options.BridgeName}\": {e.Message}", e);
        }
    }

    private void ReplaceRules() => _nft.Run(_ruleset.Replace(_attachments.Values));

    // Runs a change of the rules; where it is refused, somebody has changed our table, and the whole is written anew instead.
    private void ChangeRules(string? commands)
    {
        if (commands is null)
        {
            return;
        }

        try
        {
            _nft.Run(commands);
        }
        catch (AgentException)
        {
            ReplaceRules();
        }
    }
}
