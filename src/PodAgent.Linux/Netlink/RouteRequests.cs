using System.Net;
using System.Net.Sockets;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Netlink;

/// <summary>The requests for links, addresses and routes that this project makes (rtnetlink(7)), each one message in a batch.</summary>
public static class RouteRequests
{
    private const string NewLink = "rtnetlink(7) RTM_NEWLINK";

    /// <summary>Creates a bridge, set up. An explicit hardware address stays when ports come and go; the kernel would otherwise take the
    /// lowest among the ports and invalidate the pods' neighbour entries.</summary>
    /// <remarks>Refused with EEXIST when the name is taken.</remarks>
    public static void AddBridge(this NetlinkBatch batch, string name, ReadOnlySpan<byte> hardwareAddress, int mtu)
    {
        batch.Begin(
            RtnetlinkConstants.RTM_NEWLINK,
            NetlinkConstants.NLM_F_ACK | NetlinkConstants.NLM_F_CREATE | NetlinkConstants.NLM_F_EXCL,
            new IfInfoMsg { ifi_flags = RtnetlinkConstants.IFF_UP, ifi_change = RtnetlinkConstants.IFF_UP },
            NewLink,
            name);
        batch.Attribute(RtnetlinkConstants.IFLA_IFNAME, name);
        batch.Attribute(RtnetlinkConstants.IFLA_ADDRESS, hardwareAddress);
        batch.AttributeMtu(mtu);
        int info = batch.BeginNest(RtnetlinkConstants.IFLA_LINKINFO);
        batch.Attribute(RtnetlinkConstants.IFLA_INFO_KIND, "bridge");
        batch.EndNest(info);
    }

    /// <summary>Creates a veth pair, this end set up and a port of its bridge, the other end down.</summary>
    /// <remarks>Refused with EEXIST when either name is taken in its namespace.</remarks>
    public static void AddVeth(this NetlinkBatch batch, VethPair pair)
    {
        batch.Begin(
            RtnetlinkConstants.RTM_NEWLINK,
            NetlinkConstants.NLM_F_ACK | NetlinkConstants.NLM_F_CREATE | NetlinkConstants.NLM_F_EXCL,
            new IfInfoMsg { ifi_flags = RtnetlinkConstants.IFF_UP, ifi_change = RtnetlinkConstants.IFF_UP },
            NewLink,
            pair.Name);
        batch.Attribute(RtnetlinkConstants.IFLA_IFNAME, pair.Name);
        batch.Attribute(RtnetlinkConstants.IFLA_MASTER, (uint)pair.Master);
        batch.AttributeMtu(pair.Mtu);
        batch.AttributeSingleQueue();
        int info = batch.BeginNest(RtnetlinkConstants.IFLA_LINKINFO);
        batch.Attribute(RtnetlinkConstants.IFLA_INFO_KIND, "veth");
        int data = batch.BeginNest(RtnetlinkConstants.IFLA_INFO_DATA);
        // The driver makes this end first, and an end without its other one cannot be set up (ENOTCONN).
        int peer = batch.BeginNest(RtnetlinkConstants.VETH_INFO_PEER, default(IfInfoMsg));
        batch.Attribute(RtnetlinkConstants.IFLA_IFNAME, pair.PeerName);
        batch.Attribute(RtnetlinkConstants.IFLA_ADDRESS, pair.PeerAddress);
        batch.Attribute(RtnetlinkConstants.IFLA_NET_NS_FD, (uint)pair.PeerNamespace.Number);
        batch.AttributeMtu(pair.Mtu);
        batch.AttributeSingleQueue();
        batch.EndNest(peer);
        batch.EndNest(data);
        batch.EndNest(info);
    }

    /// <summary>Creates a VXLAN interface, down.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="name">Its name.</param>
    /// <param name="identifier">The VXLAN network identifier, 24 bits.</param>
    /// <remarks>Refused with EOPNOTSUPP when the kernel does not have the driver.</remarks>
    public static void AddVxlan(this NetlinkBatch batch, string name, uint identifier)
    {
        batch.Begin(
            RtnetlinkConstants.RTM_NEWLINK,
            NetlinkConstants.NLM_F_ACK | NetlinkConstants.NLM_F_CREATE | NetlinkConstants.NLM_F_EXCL,
            default(IfInfoMsg),
            NewLink,
            name);
        batch.Attribute(RtnetlinkConstants.IFLA_IFNAME, name);
        int info = batch.BeginNest(RtnetlinkConstants.IFLA_LINKINFO);
        batch.Attribute(RtnetlinkConstants.IFLA_INFO_KIND, "vxlan");
        int data = batch.BeginNest(RtnetlinkConstants.IFLA_INFO_DATA);
        batch.Attribute(RtnetlinkConstants.IFLA_VXLAN_ID, identifier);
        batch.EndNest(data);
        batch.EndNest(info);
    }

    /// <summary>Sets an interface up.</summary>
    public static void SetUp(this NetlinkBatch batch, int index) => batch.Begin(
        RtnetlinkConstants.RTM_NEWLINK,
        NetlinkConstants.NLM_F_ACK,
        new IfInfoMsg { ifi_index = index, ifi_flags = RtnetlinkConstants.IFF_UP, ifi_change = RtnetlinkConstants.IFF_UP },
        NewLink,
        $"interface {index} up");

    /// <summary>Makes an interface a port of a bridge and sets it up.</summary>
    public static void SetMaster(this NetlinkBatch batch, string name, int master)
    {
        batch.Begin(
            RtnetlinkConstants.RTM_NEWLINK,
            NetlinkConstants.NLM_F_ACK,
            new IfInfoMsg { ifi_flags = RtnetlinkConstants.IFF_UP, ifi_change = RtnetlinkConstants.IFF_UP },
            NewLink,
            name);
        batch.Attribute(RtnetlinkConstants.IFLA_IFNAME, name);
        batch.Attribute(RtnetlinkConstants.IFLA_MASTER, (uint)master);
    }

    /// <summary>Gives an interface an alias of at most 255 bytes; the kernel ignores one in the request that creates the interface.</summary>
    public static void SetAlias(this NetlinkBatch batch, string name, string alias)
    {
        batch.Begin(RtnetlinkConstants.RTM_NEWLINK, NetlinkConstants.NLM_F_ACK, default(IfInfoMsg), NewLink, name);
        batch.Attribute(RtnetlinkConstants.IFLA_IFNAME, name);
        batch.Attribute(RtnetlinkConstants.IFLA_IFALIAS, alias);
    }

    /// <summary>Gives a port of a bridge an alias and lets the bridge send packets out of the port they came from (bridge(8), hairpin).
    /// The kernel takes neither in the request that creates the interface.</summary>
    public static void SetBridgePort(this NetlinkBatch batch, string name, string alias)
    {
        batch.SetAlias(name, alias);
        int info = batch.BeginNest(RtnetlinkConstants.IFLA_LINKINFO);
        batch.Attribute(RtnetlinkConstants.IFLA_INFO_SLAVE_KIND, "bridge");
        int data = batch.BeginNest(RtnetlinkConstants.IFLA_INFO_SLAVE_DATA);
        batch.Attribute(RtnetlinkConstants.IFLA_BRPORT_MODE, [1]);
        batch.EndNest(data);
        batch.EndNest(info);
    }

    /// <summary>Deletes an interface; of a veth pair both ends.</summary>
    /// <remarks>Refused with ENODEV when there is none of this name.</remarks>
    public static void DeleteLink(this NetlinkBatch batch, string name)
    {
        batch.Begin(RtnetlinkConstants.RTM_DELLINK, NetlinkConstants.NLM_F_ACK, default(IfInfoMsg), "rtnetlink(7) RTM_DELLINK", name);
        batch.Attribute(RtnetlinkConstants.IFLA_IFNAME, name);
    }

    /// <summary>Puts an interface into a group (ip-link(8)).</summary>
    public static void SetGroup(this NetlinkBatch batch, string name, uint group)
    {
        batch.Begin(RtnetlinkConstants.RTM_NEWLINK, NetlinkConstants.NLM_F_ACK, default(IfInfoMsg), NewLink, name);
        batch.Attribute(RtnetlinkConstants.IFLA_IFNAME, name);
        batch.Attribute(RtnetlinkConstants.IFLA_GROUP, group);
    }

    /// <summary>Deletes all interfaces of a group at once.</summary>
    /// <remarks>Refused with ENODEV when the group is empty.</remarks>
    public static void DeleteGroup(this NetlinkBatch batch, uint group)
    {
        batch.Begin(
            RtnetlinkConstants.RTM_DELLINK, NetlinkConstants.NLM_F_ACK, default(IfInfoMsg), "rtnetlink(7) RTM_DELLINK", $"group {group}");
        batch.Attribute(RtnetlinkConstants.IFLA_GROUP, group);
    }

    /// <summary>Gives an interface an address, or leaves the one it has.</summary>
    public static void AddAddress(this NetlinkBatch batch, int index, IPAddress address, int prefixLength)
    {
        byte[] bytes = address.GetAddressBytes();
        batch.Begin(
            RtnetlinkConstants.RTM_NEWADDR,
            NetlinkConstants.NLM_F_ACK | NetlinkConstants.NLM_F_CREATE | NetlinkConstants.NLM_F_REPLACE,
            new IfAddrMsg { ifa_family = Family(address), ifa_prefixlen = (byte)prefixLength, ifa_index = (uint)index },
            "rtnetlink(7) RTM_NEWADDR",
            $"{address}/{prefixLength}");
        batch.Attribute(RtnetlinkConstants.IFA_LOCAL, bytes);
        batch.Attribute(RtnetlinkConstants.IFA_ADDRESS, bytes);
    }

    /// <summary>Takes an address from an interface.</summary>
    /// <remarks>Refused with EADDRNOTAVAIL when the interface does not have it.</remarks>
    public static void DeleteAddress(this NetlinkBatch batch, int index, IPAddress address, int prefixLength)
    {
        batch.Begin(
            RtnetlinkConstants.RTM_DELADDR,
            NetlinkConstants.NLM_F_ACK,
            new IfAddrMsg { ifa_family = Family(address), ifa_prefixlen = (byte)prefixLength, ifa_index = (uint)index },
            "rtnetlink(7) RTM_DELADDR",
            $"{address}/{prefixLength}");
        batch.Attribute(RtnetlinkConstants.IFA_LOCAL, address.GetAddressBytes());
    }

    /// <summary>Adds a default route through a gateway that is on a connected network.</summary>
    public static void AddDefaultRoute(this NetlinkBatch batch, int index, IPAddress gateway)
    {
        batch.Begin(
            RtnetlinkConstants.RTM_NEWROUTE,
            NetlinkConstants.NLM_F_ACK | NetlinkConstants.NLM_F_CREATE | NetlinkConstants.NLM_F_EXCL,
            new RtMsg
            {
                rtm_family = Family(gateway),
                rtm_table = RtnetlinkConstants.RT_TABLE_MAIN,
                rtm_protocol = RtnetlinkConstants.RTPROT_STATIC,
                rtm_scope = RtnetlinkConstants.RT_SCOPE_UNIVERSE,
                rtm_type = RtnetlinkConstants.RTN_UNICAST,
            },
            "rtnetlink(7) RTM_NEWROUTE",
            $"default via {gateway}");
        batch.Attribute(RtnetlinkConstants.RTA_GATEWAY, gateway.GetAddressBytes());
        batch.Attribute(RtnetlinkConstants.RTA_OIF, (uint)index);
    }

    /// <summary>Asks for one interface by name.</summary>
    /// <remarks>Refused with ENODEV when there is none.</remarks>
    public static void GetLink(this NetlinkBatch batch, string name)
    {
        batch.Begin(RtnetlinkConstants.RTM_GETLINK, NetlinkConstants.NLM_F_ACK, default(IfInfoMsg), "rtnetlink(7) RTM_GETLINK", name);
        batch.Attribute(RtnetlinkConstants.IFLA_IFNAME, name);
    }

    /// <summary>Asks for all interfaces.</summary>
    public static void DumpLinks(this NetlinkBatch batch) => batch.Begin(
        RtnetlinkConstants.RTM_GETLINK, NetlinkConstants.NLM_F_DUMP, default(IfInfoMsg), "rtnetlink(7) RTM_GETLINK", "all interfaces");

    /// <summary>Asks for all addresses.</summary>
    public static void DumpAddresses(this NetlinkBatch batch) => batch.Begin(
        RtnetlinkConstants.RTM_GETADDR, NetlinkConstants.NLM_F_DUMP, default(IfAddrMsg), "rtnetlink(7) RTM_GETADDR", "all addresses");

    /// <summary>Asks for all IPv4 routes.</summary>
    public static void DumpRoutes(this NetlinkBatch batch) => batch.Begin(
        RtnetlinkConstants.RTM_GETROUTE,
        NetlinkConstants.NLM_F_DUMP,
        new RtMsg { rtm_family = (byte)SocketConstants.AF_INET },
        "rtnetlink(7) RTM_GETROUTE",
        "all routes");

    private static void AttributeMtu(this NetlinkBatch batch, int mtu)
    {
        if (mtu > 0)
        {
            batch.Attribute(RtnetlinkConstants.IFLA_MTU, (uint)mtu);
        }
    }

    // By default a veth end gets a queue, with its entries in sysfs, for each possible CPU: that dominates its creation on large machines.
    private static void AttributeSingleQueue(this NetlinkBatch batch)
    {
        batch.Attribute(RtnetlinkConstants.IFLA_NUM_TX_QUEUES, 1);
        batch.Attribute(RtnetlinkConstants.IFLA_NUM_RX_QUEUES, 1);
    }

    private static byte Family(IPAddress address) =>
        (byte)(address.AddressFamily == AddressFamily.InterNetworkV6 ? SocketConstants.AF_INET6 : SocketConstants.AF_INET);
}
