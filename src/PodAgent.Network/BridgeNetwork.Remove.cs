using System.Net;
using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Network.Links;

namespace PodAgent.Network;

public sealed partial class BridgeNetwork
{
    // 1 no new traffic arrives, 2 ports are free, 3 veth pair, 4 leases: only now can the address be another's, 5 record: as long as
    // it exists, a repetition finds the rest.
    private void Detach(string sandboxId)
    {
        try
        {
            if (_attachments.TryRemove(sandboxId, out NetworkAttachment? attachment))
            {
                try
                {
                    // 1
                    ChangeRules(_ruleset.Withdraw(attachment));
                }
                catch
                {
                    _attachments[sandboxId] = attachment;
                    throw;
                }
            }

            // 2
            _ports.Release(sandboxId);
            // 3
            if (attachment is not null)
            {
                _links.RemoveVeth(attachment.HostInterface);
            }
            else if (_links.FindVeth(sandboxId) is { } stray)
            {
                _links.RemoveVeth(stray.Name);
            }

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
            throw new AgentException(
                ErrorKind.Internal, $"cannot detach sandbox \"{sandboxId}\" from bridge \"{_options.BridgeName}\": {e.Message}", e);
        }
    }

    // 1 bridge and forwarding, 2 records of dead sandboxes with all they name, 3 leases without a record, 4 veth pairs without a record
    // and ends that lost their bridge, 5 ports of the living, 6 rules as a whole, because somebody may have flushed them.
    private NetworkReconciliation Reconcile(IReadOnlySet<string> liveSandboxes)
    {
        SortedSet<string> removed = new(StringComparer.Ordinal);
        List<string> problems = [.. _openProblems];
        _openProblems.Clear();
        try
        {
            // 1
            _links.EnsureBridge();
            _forwarding.Enable();
            // 2
            foreach (string sandboxId in _attachments.Keys.Where(id => !liveSandboxes.Contains(id)).ToList())
            {
                Detach(sandboxId);
                removed.Add(sandboxId);
            }

            // 3, 4
            ReconcileLeases(removed);
            ReconcileVeths(removed, problems);
            // 5
            foreach (NetworkAttachment attachment in _attachments.Values)
            {
                HoldPorts(attachment, problems);
            }

            // 6
            ReplaceRules();
            return new NetworkReconciliation([.. removed.Where(id => id.Length > 0)], problems);
        }
        catch (IOException e)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot restore the pod network on bridge \"{_options.BridgeName}\": {e.Message}", e);
        }
    }

    private void ReconcileLeases(SortedSet<string> removed)
    {
        foreach ((IPAddress address, string holder) in _addresses.Leases.ToList())
        {
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

    private void ReconcileVeths(SortedSet<string> removed, List<string> problems)
    {
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
            else if (_links.IsOnBridge(veth))
            {
                // One on no bridge and without a record may be another agent's.
                _links.RemoveVeth(veth.Name);
                removed.Add(sandboxId);
            }
        }

        problems.AddRange(_attachments.Values
            .Where(attachment => !veths.ContainsKey(attachment.SandboxId))
            .Select(attachment => $"interface \"{attachment.HostInterface}\" of sandbox \"{attachment.SandboxId}\" is gone: it has no network"));
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
    private void RemoveAll()
    {
        _removed = true;
        foreach (string sandboxId in _attachments.Keys.ToList())
        {
            // 1
            Detach(sandboxId);
        }

        try
        {
            // 2
            foreach ((string sandboxId, LinkRecord veth) in _links.ListVeths())
            {
                if (_links.IsOnBridge(veth))
                {
                    _links.RemoveVeth(HostLinks.VethName(sandboxId));
                }
            }

            // 3
            _nft.Run(_ruleset.Remove());
            // 4
            _links.RemoveBridge();
            // 5
            _forwarding.Restore();
            // 6
            Directory.Delete(_options.StateDirectory, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // A repetition.
        }
        catch (IOException e)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot remove the pod network on bridge \"{_options.BridgeName}\": {e.Message}", e);
        }
    }

    private List<IPAddress> LeasesOf(string sandboxId) =>
        [.. _addresses.Leases.Where(lease => lease.Value == sandboxId).Select(lease => lease.Key)];
}
