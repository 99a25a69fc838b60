namespace PodAgent.Linux.Netlink;

/// <summary>A veth pair to create: one end here, on a bridge, the other end in another network namespace (veth(4)).</summary>
public sealed record VethPair
{
    /// <summary>Name of the end in this namespace; at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>Index of the bridge that gets this end as a port.</summary>
    public required int Master { get; init; }

    /// <summary>The namespace of the other end.</summary>
    public required Fd PeerNamespace { get; init; }

    /// <summary>Name of the other end, in its namespace.</summary>
    public required string PeerName { get; init; }

    /// <summary>Hardware address of the other end: 6 bytes.</summary>
    public required byte[] PeerAddress { get; init; }

    /// <summary>Largest packet in bytes, for both ends; 0 leaves the kernel's default of 1500.</summary>
    public int Mtu { get; init; }
}
