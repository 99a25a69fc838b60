using System.Net;
using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Network.Links;

namespace PodAgent.Network;

public sealed partial class BridgeNetwork
{
    // 1 no new traffic arrives, 2 ports are free, 3 veth pair, beside the network thread, 4 leases: only now can the address be another's,
    // 5 record: as long as it exists, a repetition finds the rest. Returns the rest of the work from step 3 on, shared by all who ask for it.
    private Task BeginDetach(string sandboxId)
    {
        if (_detaching.TryGetValue(sandboxId, out Task? running))
        {
            return running;
        }

        string? veth;
        try
        {
            if (_attachments.TryRemove(sandboxId, out NetworkAttachment? attachment))
            {
                try
                {
                    // 1
                    ChangeRules(_ruleset.Withdraw(attachment));
                    ForgetFlows(attachment);
                }
                catch
                {
                    _attachments[sandboxId] = attachment;
                    throw;
                }
            }

            // 2
            _ports.Release(sandboxId);
            veth = attachment?.HostInterface ?? _links.FindVeth(sandboxId)?.Name;
        }
        catch (IOException e)
        {
            throw DetachFailure(sandboxId, e);
        }

        Task detached = FinishDetachAsync(sandboxId, veth);
        _detaching[sandboxId] = detached;
        return detached;
    }

    // A client that goes on sending from the same port keeps its flow, and with it the way to this sandbox, alive for ever; the one
    // that gets the host port next would never see it. TCP clients have to connect anew anyway.
    private void ForgetFlows(NetworkAttachment attachment)
    {
        foreach (TransportProtocol protocol in attachment.PortMappings.Select(port => port.Protocol).Distinct())
        {
            if (protocol != TransportProtocol.Tcp)
            {
                _flows.Forget(attachment.Addresses[0], (byte)protocol);
            }
        }
    }

    private async Task FinishDetachAsync(string sandboxId, string? veth)
    {
        // Comes back to the network thread only after the caller has noted this task.
        await Task.Yield();
        try
        {
            if (veth is not null)
            {
                // 3
                await _remover.RemoveAsync(veth).ConfigureAwait(false);
            }
        }
        catch (LinuxException e)
        {
            await _thread.InvokeAsync(() => _detaching.Remove(sandboxId)).ConfigureAwait(false);
            throw DetachFailure(sandboxId, e);
        }

        await _thread.InvokeAsync(() =>
        {
            _detaching.Remove(sandboxId);
            try
            {
                // 4
                foreach (IPAddress address in LeasesOf(sandboxId))
                {
                    _addresses.Release(address);
                }

                // 5
                _records.Delete(sandboxId);
            }
            catch (IOException e)
            {
                throw DetachFailure(sandboxId, e);
            }
        }).ConfigureAwait(false);
    }

    private AgentException DetachFailure(string sandboxId, IOException cause) => new(
        ErrorKind.Internal, $"cannot detach sandbox \"{sandboxId}\" from bridge \"{_options.BridgeName}\": {cause.Message}", cause);

    // 1 bridge and forwarding, 2 records of dead sandboxes with all they name, 3 veth pairs: of the living without a record, of nobody, and
    // ends that lost their bridge, 4 leases without a record, 5 ports of the living, 6 rules as a whole, because somebody may have flushed them.
    private async Task<NetworkReconciliation> RestoreAsync(IReadOnlySet<string> liveSandboxes)
    {
        SortedSet<string> removed = new(StringComparer.Ordinal);
        List<string> problems = [];
        try
        {
            List<string> dead = await _thread.InvokeAsync(() =>
            {
                problems.AddRange(_openProblems);
                _openProblems.Clear();
                // 1
                _links.EnsureBridge();
                _forwarding.Enable();
                return _attachments.Keys.Where(id => !liveSandboxes.Contains(id)).ToList();
            }).ConfigureAwait(false);
            // 2
            await Task.WhenAll(dead.Select(id => DetachAsync(id, CancellationToken.None))).ConfigureAwait(false);
            removed.UnionWith(dead);
            List<string> strays = await _thread.InvokeAsync(() =>
            {
                // 3
                AdoptLivingVeths(liveSandboxes, problems);
                List<string> found = ReconcileVeths(removed, problems);
                // 4
                ReconcileLeases(removed);
                // 5
                foreach (NetworkAttachment attachment in _attachments.Values)
                {
                    HoldPorts(attachment, problems);
                }

                // 6
                ReplaceRules();
                return found;
            }).ConfigureAwait(false);
            await Task.WhenAll(strays.Select(_remover.RemoveAsync)).ConfigureAwait(false);
            return new NetworkReconciliation([.. removed.Where(id => id.Length > 0)], problems);
        }
        catch (IOException e)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot restore the pod network on bridge \"{_options.BridgeName}\": {e.Message}", e);
        }
    }

    // A record that was torn or lost is no reason to cut a running pod off: interface and lease tell all but the host ports.
    private void AdoptLivingVeths(IReadOnlySet<string> liveSandboxes, List<string> problems)
    {
        foreach ((string sandboxId, LinkRecord veth) in _links.ListVeths())
        {
            List<IPAddress> addresses = LeasesOf(sandboxId);
            if (liveSandboxes.Contains(sandboxId)
                && !_attachments.ContainsKey(sandboxId)
                && !_detaching.ContainsKey(sandboxId)
                && addresses.Count > 0)
            {
                var attachment = new NetworkAttachment(sandboxId, PodInterface, addresses, _options.Gateway, veth.Name, []);
                _records.Save(attachment);
                _attachments[sandboxId] = attachment;
                problems.Add($"network record of sandbox \"{sandboxId}\" was lost: it keeps its network, without host ports");
            }
        }
    }

    private void ReconcileLeases(SortedSet<string> removed)
    {
        foreach ((IPAddress address, string holder) in _addresses.Leases.ToList())
        {
            if (_detaching.ContainsKey(holder))
            {
                continue;
            }

            if (!_attachments.TryGetValue(holder, out NetworkAttachment? attachment) || !attachment.Addresses.Contains(address))
            {
                _addresses.Release(address);
                removed.Add(holder);
            }
        }

        foreach (NetworkAttachment attachment in _attachments.Values)
        {
            foreach (IPAddress address in attachment.Addresses)
            {
                _addresses.Restore(address, attachment.SandboxId);
            }
        }
    }

    // Returns the names of the ends that are to go.
    private List<string> ReconcileVeths(SortedSet<string> removed, List<string> problems)
    {
        List<string> strays = [];
        IReadOnlyDictionary<string, LinkRecord> veths = _links.ListVeths();
        foreach ((string sandboxId, LinkRecord veth) in veths)
        {
            if (_attachments.ContainsKey(sandboxId))
            {
                if (!_links.IsOnBridge(veth))
                {
                    _links.JoinBridge(veth);
                }
            }
            else if (_links.IsOnBridge(veth) && !_detaching.ContainsKey(sandboxId))
            {
                // One on no bridge and without a record may be another agent's.
                strays.Add(veth.Name);
                removed.Add(sandboxId);
            }
        }

        problems.AddRange(_attachments.Values
            .Where(attachment => !veths.ContainsKey(attachment.SandboxId))
            .Select(attachment => $"interface \"{attachment.HostInterface}\" of sandbox \"{attachment.SandboxId}\" is gone: it has no network"));
        return strays;
    }

    private void HoldPorts(NetworkAttachment attachment, List<string> problems)
    {
        if (_ports.IsHeld(attachment.SandboxId))
        {
            return;
        }

        try
        {
            _ports.Reserve(attachment);
            _ports.Serve(attachment);
        }
        catch (AgentException e)
        {
            // The rules still lead outside traffic to the pod; a later reconciliation tries again.
            problems.Add($"sandbox \"{attachment.SandboxId}\" is not reachable over loopback: {e.Message}");
        }
    }

    // 1 attachments, 2 what has no record, 3 rules, 4 bridge, 5 forwarding, 6 files.
    private async Task TakeDownAsync()
    {
        List<string> attached = await _thread.InvokeAsync(() =>
        {
            _removed = true;
            return _attachments.Keys.Union(_detaching.Keys).ToList();
        }).ConfigureAwait(false);
        // 1
        await Task.WhenAll(attached.Select(id => DetachAsync(id, CancellationToken.None))).ConfigureAwait(false);
        try
        {
            // 2
            List<string> strays = await _thread.InvokeAsync(
                () => _links.ListVeths().Values.Where(_links.IsOnBridge).Select(link => link.Name).ToList()).ConfigureAwait(false);
            await Task.WhenAll(strays.Select(_remover.RemoveAsync)).ConfigureAwait(false);
            await _thread.InvokeAsync(() =>
            {
                // 3
                _nft.Run(_ruleset.Remove());
                // 4
                _links.RemoveBridge();
                // 5
                _forwarding.Restore();
                // 6
                if (Directory.Exists(_options.StateDirectory))
                {
                    Directory.Delete(_options.StateDirectory, recursive: true);
                }
            }).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot remove the pod network on bridge \"{_options.BridgeName}\": {e.Message}", e);
        }
    }

    private List<IPAddress> LeasesOf(string sandboxId) =>
        [.. _addresses.Leases.Where(lease => lease.Value == sandboxId).Select(lease => lease.Key)];
}
