using Microsoft.Extensions.Logging;
using PodAgent.Api.Cri;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Network;
using NetworkPort = PodAgent.Network.PortMapping;

namespace PodAgent.Cri.Adapters;

/// <summary>
/// <see cref="BridgeNetwork"/> as port. When it cannot be opened (a missing library, a foreign bridge) the runtime goes on for pods on the
/// node's network, says so in its status, and tries again with the next pod.
/// </summary>
internal sealed class BridgedSandboxes(BridgeNetworkOptions configured, ILogger log) : ISandboxNetwork, IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private BridgeNetworkOptions _options = PodSubnet.Restore(configured, log);
    private readonly HashSet<string> _attached = new(StringComparer.Ordinal);
    private IReadOnlySet<string> _live = new HashSet<string>();
    private BridgeNetwork? _network;

    public string? Problem { get; private set; }

    public async Task<IReadOnlyList<string>> AttachAsync(SandboxNetworkRequest request, CancellationToken cancellationToken)
    {
        BridgeNetwork network = _network ?? await OpenAsync(cancellationToken).ConfigureAwait(false);
        using Fd? ofPause = request.Namespace is null ? FileTree.Open($"/proc/{request.PausePid}/ns/net", OpenFlags.ReadOnly) : null;
        var attach = new AttachmentRequest(request.SandboxId, (request.Namespace ?? ofPause)!, Ports(request), request.Holder);
        NetworkAttachment attachment = await network.AttachAsync(attach, cancellationToken).ConfigureAwait(false);
        lock (_attached)
        {
            _attached.Add(request.SandboxId);
        }

        return [.. attachment.Addresses.Select(address => address.ToString())];
    }

    public async Task DetachAsync(string sandboxId, CancellationToken cancellationToken)
    {
        BridgeNetwork network = _network ?? await OpenAsync(cancellationToken).ConfigureAwait(false);
        Detachment detachment = await network.BeginDetachAsync(sandboxId, cancellationToken).ConfigureAwait(false);
        _ = ReportAsync(detachment);
        lock (_attached)
        {
            _attached.Remove(sandboxId);
        }
    }

    public async Task UseSubnetAsync(string ranges, CancellationToken cancellationToken)
    {
        System.Net.IPNetwork subnet = PodSubnet.Choose(ranges);
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (subnet.Equals(_options.Subnet))
            {
                return;
            }

            lock (_attached)
            {
                if (_attached.Count > 0)
                {
                    throw new AgentException(
                        ErrorKind.FailedPrecondition,
                        $"cannot change the addresses of pods from {_options.Subnet} to {subnet}: {_attached.Count} sandboxes have addresses of the former");
                }
            }

            // Bridge and rules carry the old range: they go with it, and the next pod makes new ones.
            if (_network is { } old)
            {
                _network = null;
                await old.RemoveAllAsync(cancellationToken).ConfigureAwait(false);
                await old.DisposeAsync().ConfigureAwait(false);
            }

            _options = PodSubnet.Note(configured, subnet);
        }
        finally
        {
            _opening.Release();
        }

        await OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task ReconcileAsync(IReadOnlySet<string> liveSandboxes, CancellationToken cancellationToken)
    {
        _live = liveSandboxes;
        lock (_attached)
        {
            _attached.UnionWith(liveSandboxes);
        }

        try
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            log.NetworkUnavailable(failure.Message);
        }
    }

    public async Task RemoveAllAsync(CancellationToken cancellationToken)
    {
        BridgeNetwork network = _network ?? await OpenAsync(cancellationToken).ConfigureAwait(false);
        await network.RemoveAllAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_network is not null)
        {
            await _network.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Opening is followed by reconciliation always: only then do addresses and ports of the pods taken over count as taken.
    private async Task<BridgeNetwork> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        BridgeNetwork? opened = null;
        try
        {
            if (_network is not null)
            {
                return _network;
            }

            opened = await BridgeNetwork.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
            NetworkReconciliation done = await opened.ReconcileAsync(_live, cancellationToken).ConfigureAwait(false);
            foreach (string problem in done.Problems)
            {
                log.CleanupFailed("pod network", problem);
            }

            _network = opened;
            Problem = null;
            return opened;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Problem = failure.Message;
            if (opened is not null)
            {
                await opened.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task ReportAsync(Detachment detachment)
    {
        try
        {
            await detachment.Finished.ConfigureAwait(false);
        }
        catch (AgentException refused)
        {
            // The record of it stays: the next agent tries again.
            log.CleanupFailed("pod network", refused.Message);
        }
        catch (ObjectDisposedException)
        {
            // This agent ends, and the next one finishes it.
        }
    }

    private static List<NetworkPort> Ports(SandboxNetworkRequest request) =>
    [
        .. request.PortMappings
            .Where(mapping => mapping.HostPort > 0)
            .Select(mapping => NetworkPort.Create(Transport(mapping.Protocol), mapping.HostIp, mapping.HostPort, mapping.ContainerPort)),
    ];

    private static TransportProtocol Transport(Protocol protocol) => protocol switch
    {
        Protocol.Tcp => TransportProtocol.Tcp,
        Protocol.Udp => TransportProtocol.Udp,
        Protocol.Sctp => TransportProtocol.Sctp,
        _ => throw new AgentException(ErrorKind.InvalidArgument, $"protocol {(int)protocol} is not known"),
    };
}
