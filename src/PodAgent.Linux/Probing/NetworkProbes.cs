using System.Net;
using System.Net.Sockets;
using PodAgent.Linux.Files;
using PodAgent.Linux.Netlink;
using PodAgent.Linux.Networking;
using PodAgent.Linux.Nftables;
using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Probing;

/// <summary>What the pods' network is made of, each made once in a network namespace that ends with its thread.</summary>
public static class NetworkProbes
{
    private const string Area = "Network";
    private const string Bridge = "probe0";
    private const string NftRemedy = "a kernel with CONFIG_NF_TABLES, CONFIG_NF_NAT and CONFIG_NFT_MASQ (modprobe nft_chain_nat nft_masq), and apt-get install libnftables1";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [
        new Probe(Area, "bridge", ProbeNeed.Required, InPrivate(() => WithBridge(static _ => "")))
        {
            Cost = "pods get no network",
            Remedy = "a kernel with CONFIG_BRIDGE (modprobe bridge)",
        },
        new Probe(Area, "veth", ProbeNeed.Required, InPrivate(() => WithBridge(ProbeVeth)))
        {
            Cost = "pods get no network",
            Remedy = "a kernel with CONFIG_VETH (modprobe veth)",
        },
        new Probe(Area, "nftables", ProbeNeed.Required, InPrivate(() => Nft("add table inet probe")))
        {
            Cost = "no pod reaches beyond its node, and no host port is published",
            Remedy = NftRemedy,
        },
        new Probe(Area, "masquerade", ProbeNeed.Required, InPrivate(() => NftChain(
            "type nat hook postrouting priority srcnat;", "ip saddr 192.0.2.0/24 masquerade")))
        {
            Cost = "no pod reaches beyond its node",
            Remedy = NftRemedy,
        },
        new Probe(Area, "published ports", ProbeNeed.Required, InPrivate(() => NftChain(
            "type nat hook prerouting priority dstnat;", "fib daddr type local dnat ip to meta l4proto . th dport map @ports")))
        {
            Cost = "no host port is published",
            Remedy = "a kernel with CONFIG_NFT_NAT, CONFIG_NFT_FIB_INET and set concatenations (Linux 5.6 or later)",
        },
        new Probe(Area, "connection tracking", ProbeNeed.Required, InPrivate(() => NftChain(
            "type filter hook forward priority filter;", "ct state established,related accept")))
        {
            Cost = "masquerading and published ports do not work",
            Remedy = "a kernel with CONFIG_NF_CONNTRACK and CONFIG_NFT_CT (modprobe nf_conntrack)",
        },
        new Probe(Area, "vxlan", ProbeNeed.Optional, InPrivate(ProbeVxlan))
        {
            Cost = "no overlay network across nodes",
            Remedy = "a kernel with CONFIG_VXLAN (modprobe vxlan)",
        },
        new Probe(Area, "IPv6", ProbeNeed.Optional, InPrivate(ProbeIpv6))
        {
            Cost = "pods are reached over IPv4 only",
            Remedy = "boot without ipv6.disable=1",
        },
        new Probe(Area, "IP forwarding", ProbeNeed.Required, ProbeForwarding)
        {
            Cost = "no pod reaches beyond its node",
            Remedy = "mount /proc/sys writable for the agent, or sysctl -w net.ipv4.ip_forward=1",
        },
        new Probe(Area, "forwarded packets", ProbeNeed.Useful, ProbeForwardPolicy)
        {
            Cost = "pods may not reach beyond their node, and published ports only from it",
            Remedy = "let it accept what comes from and goes to the pods' bridge, as in: iptables -I FORWARD -i podagent0 -j ACCEPT; iptables -I FORWARD -o podagent0 -j ACCEPT",
        },
    ];

    private static Func<string> InPrivate(Func<string> work) => () =>
    {
        Namespaces.Unshare(NamespaceKinds.Network);
        return work();
    };

    private static string WithBridge(Func<RouteSocket, string> work)
    {
        using var routes = new RouteSocket();
        routes.Execute(batch => batch.AddBridge(Bridge, [2, 0, 0, 0, 0, 1], 1500));
        return work(routes);
    }

    private static string ProbeVeth(RouteSocket routes)
    {
        using Fd here = NetworkNamespaces.OpenCurrent();
        int master = routes.FindLink(Bridge)!.Index;
        routes.Execute(batch => batch.AddVeth(new VethPair
        {
            Name = "probe1",
            Master = master,
            PeerNamespace = here,
            PeerName = "probe2",
            PeerAddress = [2, 0, 0, 0, 0, 2],
        }));
        return "";
    }

    private static string ProbeVxlan()
    {
        using var routes = new RouteSocket();
        routes.Execute(batch => batch.AddVxlan("probe3", 1));
        return "";
    }

    private static string ProbeIpv6()
    {
        if (!Socket.OSSupportsIPv6)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, "not in this kernel");
        }

        using var routes = new RouteSocket();
        int loopback = routes.FindLink("lo")!.Index;
        routes.Execute(batch => batch.AddAddress(loopback, IPAddress.Parse("2001:db8::1"), 128));
        return "";
    }

    private static string Nft(string commands)
    {
        using NftContext nft = NftContext.Open();
        _ = nft.Run(commands);
        return "";
    }

    private static string NftChain(string hook, string rule) => Nft(
        $$"""
        table inet probe {
            map ports {
                type inet_proto . inet_service : ipv4_addr . inet_service
            }
            chain probe {
                {{hook}}
                {{rule}}
            }
        }
        """);

    private static string ProbeForwarding()
    {
        const string path = "/proc/sys/net/ipv4/ip_forward";
        if (ControlFiles.Read(path).Trim() != "0")
        {
            return "on";
        }

        using Fd writable = FileTree.Open(path, OpenFlags.WriteOnly);
        return "off; the agent turns it on";
    }

    private static string ProbeForwardPolicy()
    {
        using NftContext nft = NftContext.Open();
        string[] dropping = [.. DroppingChains(nft.Run("list chains"))];
        return dropping.Length == 0 ? "nothing drops them" : throw new AgentException(
            ErrorKind.FailedPrecondition, $"dropped unless a rule accepts them, by {string.Join(", ", dropping)} (a firewall, or Docker)");
    }

    /// <summary>From the output of <c>nft list chains</c>: "family table chain" of base chains that forward nothing by default.</summary>
    internal static IEnumerable<string> DroppingChains(string listing)
    {
        string table = "";
        string chain = "";
        foreach (string line in listing.Split('\n').Select(line => line.Trim()))
        {
            // table ip filter {
            //     chain FORWARD {
            //         type filter hook forward priority filter; policy drop;
            string[] words = line.Split(' ');
            if (words is ["table", var family, var name, ..])
            {
                table = $"{family} {name}";
            }
            else if (words is ["chain", var inTable, ..])
            {
                chain = inTable;
            }
            else if (line.Contains("hook forward", StringComparison.Ordinal) && line.Contains("policy drop", StringComparison.Ordinal))
            {
                yield return $"{table} {chain}";
            }
        }
    }
}
