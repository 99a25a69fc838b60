using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Network.Links;

namespace PodAgent.Network;

public sealed partial class BridgeNetwork
{
    private const int MaxIdLength = 128;

    // What can be refused without touching anything.
    private NetworkAttachment Plan(AttachmentRequest request)
    {
        CheckId(request.SandboxId);
        // CRI passes the container's ports on whether they are published or not.
        List<PortMapping> published = [.. request.PortMappings.Where(port => port.HostPort != 0)];
        List<string> problems = [];
        foreach (PortMapping port in published)
        {
            if (port.HostPort is < 1 or > 65535)
            {
                problems.Add($"host port {port.HostPort} is not between 1 and 65535");
            }

            if (port.ContainerPort is < 1 or > 65535)
            {
                problems.Add($"container port {port.ContainerPort} of host port {port.Describe()} is not between 1 and 65535");
            }

            if (!Enum.IsDefined(port.Protocol))
            {
                problems.Add($"protocol {(int)port.Protocol} of host port {port.HostPort} is not TCP, UDP or SCTP");
            }
        }

        if (problems.Count > 0)
        {
            throw new AgentException(
                ErrorKind.InvalidArgument, $"cannot attach sandbox \"{request.SandboxId}\": {string.Join("; ", problems)}");
        }

        return new NetworkAttachment(
            request.SandboxId, PodInterface, [], _options.Gateway, HostLinks.VethName(request.SandboxId), published, request.PodName);
    }

    // 1 lease, 2 reserve the host ports (the step most likely to be refused, before the kernel is asked for anything), 3 record, so that a
    // crash from here on leaves a name to clean up by, 4 veth pair, 5 the sandbox's side, 6 rules, 7 forwarding. Each step puts its
    // reverse onto the stack; a refusal unwinds it.
    private NetworkAttachment Attach(NetworkAttachment plan, Fd networkNamespace)
    {
        string id = plan.SandboxId;
        if (_removed)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot attach sandbox \"{id}\": the pod network has been removed");
        }

        if (_attachments.ContainsKey(id))
        {
            throw new AgentException(ErrorKind.AlreadyExists, $"sandbox \"{id}\" is attached to the pod network already");
        }

        if (_detaching.ContainsKey(id))
        {
            throw new AgentException(ErrorKind.Unavailable, $"cannot attach sandbox \"{id}\": it is being detached");
        }

        var undo = new Stack<Action>();
        try
        {
            // 1
            NetworkAttachment attachment = plan with { Addresses = [_addresses.Allocate(id)] };
            undo.Push(() => _addresses.Release(attachment.Addresses[0]));
            // 2
            _ports.Reserve(attachment);
            undo.Push(() => _ports.Release(id));
            // 3
            undo.Push(() => _records.Delete(id));
            _records.Save(attachment);
            // 4
            undo.Push(() => _links.RemoveVeth(attachment.HostInterface));
            _links.AddVeth(attachment, networkNamespace);
            // 5
            ConfigureSandbox(attachment, networkNamespace);
            // 6
            _attachments[id] = attachment;
            undo.Push(() =>
            {
                _attachments.TryRemove(id, out _);
                ChangeRules(_ruleset.Withdraw(attachment));
            });
            ChangeRules(_ruleset.Publish(attachment));
            // 7
            _ports.Serve(attachment);
            return attachment;
        }
        catch (Exception e)
        {
            List<Exception> failures = Unwind(undo);
            Exception cause = failures.Count == 0 ? e : new AggregateException([e, .. failures]);
            throw e switch
            {
                AgentException agent when failures.Count == 0 => agent,
                AgentException agent => new AgentException(agent.Kind, agent.Message, cause),
                LinuxException { Errno: Errno.EXFULL or Errno.ENFILE } => new AgentException(
                    ErrorKind.ResourceExhausted,
                    $"cannot attach sandbox \"{id}\": bridge \"{_options.BridgeName}\" has no free port (it takes 1023)",
                    cause),
                _ => new AgentException(
                    ErrorKind.Internal, $"cannot attach sandbox \"{id}\" to bridge \"{_options.BridgeName}\": {e.Message}", cause),
            };
        }
    }

    // The interface has to be looked up: its index is the kernel's choice, and an address is given to an index only.
    private void ConfigureSandbox(NetworkAttachment attachment, Fd networkNamespace)
    {
        using RouteSocket socket = _thread.Within(networkNamespace, () =>
        {
            RouterAdvertisements.Ignore(attachment.Interface);
            return new RouteSocket();
        });
        LinkRecord link = socket.FindLink(attachment.Interface)
            ?? throw new AgentException(
                ErrorKind.Unavailable, $"interface \"{attachment.Interface}\" of sandbox \"{attachment.SandboxId}\" is gone");
        socket.Execute(batch =>
        {
            batch.SetUp(LoopbackInterface.Index);
            batch.SetUp(link.Index);
            batch.AddAddress(link.Index, attachment.Addresses[0], _options.Subnet.PrefixLength);
            batch.AddDefaultRoute(link.Index, attachment.Gateway);
        });
    }

    private static List<Exception> Unwind(Stack<Action> undo)
    {
        List<Exception> failures = [];
        while (undo.TryPop(out Action? step))
        {
            try
            {
                step();
            }
            catch (Exception e)
            {
                // Whatever it was: the steps below have to be undone all the same.
                failures.Add(e);
            }
        }

        return failures;
    }

    // IDs become file names.
    private static void CheckId(string sandboxId)
    {
        if (sandboxId.Length is 0 or > MaxIdLength
            || sandboxId[0] == '.'
            || !sandboxId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"sandbox ID \"{sandboxId}\" is not a name of letters, digits, \"-\", \"_\" and \".\"");
        }
    }
}
