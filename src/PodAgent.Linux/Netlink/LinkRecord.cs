using System.Runtime.InteropServices;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Netlink;

/// <summary>A network interface as the kernel describes it.</summary>
/// <param name="Index">Its number in its namespace, from 1.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">The driver's name for virtual interfaces (<c>bridge</c>, <c>veth</c>); null for others.</param>
/// <param name="Master">Index of the bridge it is a port of; 0 when it is none.</param>
/// <param name="Alias">The free text that <c>ip link set alias</c> sets; null when there is none.</param>
/// <param name="HardwareAddress">Its hardware address, which may be empty.</param>
/// <param name="Mtu">Its largest packet in bytes.</param>
/// <param name="IsUp">Whether it is set up (not whether it has a carrier).</param>
public sealed record LinkRecord(
    int Index, string Name, string? Kind, int Master, string? Alias, byte[] HardwareAddress, int Mtu, bool IsUp)
{
    internal static LinkRecord Read(ReadOnlySpan<byte> payload)
    {
        IfInfoMsg body = MemoryMarshal.Read<IfInfoMsg>(payload);
        string name = "";
        string? kind = null;
        string? alias = null;
        int master = 0;
        int mtu = 0;
        byte[] address = [];
        var attributes = new NetlinkAttributeReader(payload[NetlinkBatch.Size<IfInfoMsg>()..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case RtnetlinkConstants.IFLA_IFNAME:
                    name = attributes.Text();
                    break;
                case RtnetlinkConstants.IFLA_IFALIAS:
                    alias = attributes.Text();
                    break;
                case RtnetlinkConstants.IFLA_MASTER:
                    master = (int)attributes.UInt32();
                    break;
                case RtnetlinkConstants.IFLA_MTU:
                    mtu = (int)attributes.UInt32();
                    break;
                case RtnetlinkConstants.IFLA_ADDRESS:
                    address = attributes.Value.ToArray();
                    break;
                case RtnetlinkConstants.IFLA_LINKINFO:
                    kind = ReadKind(attributes.Value);
                    break;
            }
        }

        return new LinkRecord(body.ifi_index, name, kind, master, alias, address, mtu, (body.ifi_flags & RtnetlinkConstants.IFF_UP) != 0);
    }

    private static string? ReadKind(ReadOnlySpan<byte> linkInfo)
    {
        var attributes = new NetlinkAttributeReader(linkInfo);
        while (attributes.MoveNext())
        {
            if (attributes.Type == RtnetlinkConstants.IFLA_INFO_KIND)
            {
                return attributes.Text();
            }
        }

        return null;
    }
}
