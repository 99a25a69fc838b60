using System.Net;
using System.Runtime.InteropServices;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Netlink;

/// <summary>An address of an interface.</summary>
/// <param name="LinkIndex">The interface's index.</param>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">The length of its network part in bits.</param>
public sealed record AddressRecord(int LinkIndex, IPAddress Address, int PrefixLength)
{
    internal static AddressRecord? Read(ReadOnlySpan<byte> payload)
    {
        IfAddrMsg body = MemoryMarshal.Read<IfAddrMsg>(payload);
        IPAddress? local = null;
        IPAddress? address = null;
        var attributes = new NetlinkAttributeReader(payload[NetlinkBatch.Size<IfAddrMsg>()..]);
        while (attributes.MoveNext())
        {
            if (attributes.Type == RtnetlinkConstants.IFA_LOCAL)
            {
                local = new IPAddress(attributes.Value);
            }
            else if (attributes.Type == RtnetlinkConstants.IFA_ADDRESS)
            {
                address = new IPAddress(attributes.Value);
            }
        }

        // On a point-to-point interface IFA_ADDRESS is the peer's; IPv6 has only IFA_ADDRESS.
        return (local ?? address) is { } own ? new AddressRecord((int)body.ifa_index, own, body.ifa_prefixlen) : null;
    }
}
