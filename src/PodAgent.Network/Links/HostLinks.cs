using System.Net;
using System.Security.Cryptography;
using System.Text;
using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Network.Addresses;

namespace PodAgent.Network.Links;

/// <summary>The host's side of the network: the bridge and the veth ends on it. Lives on the network thread.</summary>
internal sealed class HostLinks(BridgeNetworkOptions options, RouteSocket socket)
{
    private const string AliasPrefix = "podagent:";

    // Marks a bridge that this program made, and may therefore delete. Kept by the kernel, so it cannot be lost with a file.
    private const string BridgeAlias = AliasPrefix + "bridge";

    private int _bridgeIndex;
    private int _mtu;

    /// <summary>Name of a sandbox's end on the host: a function of its ID, so that it can be found without any record.</summary>
    public static string VethName(string sandboxId) =>
        "pa" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sandboxId)).AsSpan(0, 6));

    /// <summary>Hardware address that goes with an IPv4 address, locally administered: a neighbour that still remembers the former user of
    /// the address reaches the new one.</summary>
    public static byte[] HardwareAddress(IPAddress address) => [0x02, 0x50, .. address.GetAddressBytes()];

    /// <summary>Makes the bridge if it is missing and gives it its address.</summary>
    /// <exception cref="AgentException">FailedPrecondition: the name belongs to another kind of interface, or the subnet is in use.</exception>
    public void EnsureBridge()
    {
        CheckSubnetIsFree();
        _mtu = options.Mtu > 0 ? options.Mtu : socket.FindDefaultRouteLink()?.Mtu ?? 0;
        LinkRecord? bridge = socket.FindLink(options.BridgeName);
        if (bridge is null)
        {
            socket.Execute(batch =>
            {
                batch.AddBridge(options.BridgeName, HardwareAddress(options.Gateway), _mtu);
                batch.SetAlias(options.BridgeName, BridgeAlias);
            });
            bridge = socket.FindLink(options.BridgeName)
                ?? throw new AgentException(ErrorKind.Unavailable, $"bridge \"{options.BridgeName}\" was deleted while it was set up");
        }
        else if (bridge.Kind != "bridge")
        {
            throw new AgentException(
                ErrorKind.FailedPrecondition, $"cannot set up the pod network: interface \"{options.BridgeName}\" exists and is not a bridge");
        }

        RouterAdvertisements.Ignore(options.BridgeName);
        _bridgeIndex = bridge.Index;
        socket.Execute(batch =>
        {
            batch.AddAddress(bridge.Index, options.Gateway, options.Subnet.PrefixLength);
            batch.SetUp(bridge.Index);
        });
    }

    /// <summary>Deletes the bridge, if this program made it, and forgets it.</summary>
    public void RemoveBridge()
    {
        if (socket.FindLink(options.BridgeName) is { Alias: BridgeAlias })
        {
            socket.TryDeleteLink(options.BridgeName);
        }
    }

    /// <summary>Makes a sandbox's veth pair with its far end in the sandbox's namespace. A bridge that somebody deleted, or a pair that a
    /// crash left over, is put right once.</summary>
    public void AddVeth(NetworkAttachment attachment, Fd networkNamespace)
    {
        try
        {
            CreateVeth(attachment, networkNamespace);
        }
        catch (LinuxException e) when (e.Errno == Errno.EEXIST && FindVeth(attachment.SandboxId) is not null)
        {
            RemoveVeth(attachment.HostInterface);
            CreateVeth(attachment, networkNamespace);
        }
        catch (LinuxException e) when (e.Errno is Errno.EINVAL or Errno.ENODEV && socket.FindLink(options.BridgeName)?.Index != _bridgeIndex)
        {
            EnsureBridge();
            CreateVeth(attachment, networkNamespace);
        }
    }

    /// <summary>A sandbox's end on the host; null when there is none, or its name belongs to another interface.</summary>
    public LinkRecord? FindVeth(string sandboxId) =>
        socket.FindLink(VethName(sandboxId)) is { Kind: "veth" } link && link.Alias == AliasPrefix + sandboxId ? link : null;

    /// <summary>Deletes a sandbox's veth pair at once, for a creation that failed; one that has gone with its namespace is no error.</summary>
    public void RemoveVeth(string name) => socket.TryDeleteLink(name);

    /// <summary>Sandboxes' ends on the host, by sandbox ID: those on this network's bridge and those on none.</summary>
    public IReadOnlyDictionary<string, LinkRecord> ListVeths()
    {
        var veths = new Dictionary<string, LinkRecord>();
        foreach (LinkRecord link in socket.ListLinks())
        {
            if (link.Kind == "veth" && link.Alias is { } alias && alias.StartsWith(AliasPrefix, StringComparison.Ordinal))
            {
                string sandboxId = alias[AliasPrefix.Length..];
                if (link.Name == VethName(sandboxId) && (link.Master == _bridgeIndex || link.Master == 0))
                {
                    veths[sandboxId] = link;
                }
            }
        }

        return veths;
    }

    /// <summary>Whether an end is a port of this network's bridge.</summary>
    public bool IsOnBridge(LinkRecord veth) => veth.Master == _bridgeIndex;

    /// <summary>Puts an end back onto a bridge that was deleted and made again.</summary>
    public void JoinBridge(LinkRecord veth) => socket.Execute(batch =>
    {
        batch.SetMaster(veth.Name, _bridgeIndex);
        batch.SetBridgePort(veth.Name, veth.Alias!);
    });

    private void CreateVeth(NetworkAttachment attachment, Fd networkNamespace) => socket.Execute(batch =>
    {
        batch.AddVeth(new VethPair
        {
            Name = attachment.HostInterface,
            Master = _bridgeIndex,
            PeerNamespace = networkNamespace,
            PeerName = attachment.Interface,
            PeerAddress = HardwareAddress(attachment.Addresses[0]),
            Mtu = _mtu,
        });
        // Where br_netfilter passes bridged packets through the rules, a pod's packet to its own host port stays on the bridge and has
        // to leave by the port it came from.
        batch.SetBridgePort(attachment.HostInterface, AliasPrefix + attachment.SandboxId);
    });

    // A subnet that the host is on already would cut the host off from its neighbours there.
    private void CheckSubnetIsFree()
    {
        int own = socket.FindLink(options.BridgeName)?.Index ?? 0;
        foreach (AddressRecord address in socket.ListAddresses())
        {
            if (address.LinkIndex != own
                && address.Address.AddressFamily == options.Subnet.BaseAddress.AddressFamily
                && (options.Subnet.Contains(address.Address) || AddressRange.NetworkOf(address.Address, address.PrefixLength).Contains(options.Gateway)))
            {
                string name = socket.ListLinks().FirstOrDefault(link => link.Index == address.LinkIndex)?.Name ?? "?";
                throw new AgentException(
                    ErrorKind.FailedPrecondition,
                    $"cannot set up the pod network: subnet {options.Subnet} overlaps {address.Address}/{address.PrefixLength} of interface \"{name}\"");
            }
        }
    }
}
