using System.Buffers.Binary;
using System.Net;

namespace PodAgent.Network.Addresses;

/// <summary>Arithmetic on the addresses of an IPv4 network.</summary>
internal static class AddressRange
{
    /// <summary>The address at a distance from the network's own address.</summary>
    public static IPAddress At(IPNetwork network, uint offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Number(network.BaseAddress) + offset);
        return new IPAddress(bytes);
    }

    /// <summary>The distance of an address from the network's own address.</summary>
    public static uint OffsetOf(IPNetwork network, IPAddress address) => Number(address) - Number(network.BaseAddress);

    /// <summary>How many addresses the network has, its own and the broadcast address included.</summary>
    public static uint Size(IPNetwork network) => 1u << (32 - network.PrefixLength);

    /// <summary>The network that an address with a prefix length is in.</summary>
    public static IPNetwork NetworkOf(IPAddress address, int prefixLength)
    {
        uint mask = prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Number(address) & mask);
        return new IPNetwork(new IPAddress(bytes), prefixLength);
    }

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
}
