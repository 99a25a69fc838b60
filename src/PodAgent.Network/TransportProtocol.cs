namespace PodAgent.Network;

/// <summary>Transport protocols that can be published on the host; the values are the IP protocol numbers.</summary>
public enum TransportProtocol
{
    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>SCTP: published by nftables only, so it is not reserved against processes of the host and not reachable over loopback.</summary>
    Sctp = 132,
}
