using System.Net;
using System.Net.Sockets;
using PodAgent.Linux;

namespace PodAgent.Network;

/// <summary>How the built-in pod network is laid out. Two agents on one host differ in every name and in the subnet.</summary>
public sealed record BridgeNetworkOptions
{
    /// <summary>Name of the bridge, at most 15 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>; made when it is missing.</summary>
    public string BridgeName { get; init; } = "podagent0";

    /// <summary>The pods' addresses, IPv4, /1 to /30. The first address is the bridge's, and the pods' gateway.</summary>
    public IPNetwork Subnet { get; init; } = IPNetwork.Parse("10.88.0.0/16");

    /// <summary>Directory for leases and attachment records; on a tmpfs, because a reboot ends what they describe.</summary>
    public string StateDirectory { get; init; } = "/run/podagent/network";

    /// <summary>Name of the nftables table of family <c>inet</c> that belongs to this network alone.</summary>
    public string NftTable { get; init; } = "podagent";

    /// <summary>Largest packet in bytes, 68 to 65535; 0: that of the interface which the host's default route leaves through, so that
    /// pods do not send what the host would have to refuse.</summary>
    public int Mtu { get; init; }

    /// <summary>The network namespace that is the host's; null: the one of the process. The caller keeps it open.</summary>
    public Fd? HostNetworkNamespace { get; init; }

    /// <summary>The clock for idle UDP conversations.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal IPAddress Gateway => Addresses.AddressRange.At(Subnet, 1);

    /// <summary>Refuses what cannot work, all problems at once.</summary>
    /// <exception cref="AgentException">InvalidArgument.</exception>
    internal void Validate()
    {
        List<string> problems = [];
        if (BridgeName.Length is 0 or > 15 || !IsPlain(BridgeName) || BridgeName is "." or "..")
        {
            problems.Add($"bridge name \"{BridgeName}\" is not an interface name");
        }

        // The table's name becomes part of nft(8) commands, where an identifier starts with a letter.
        if (NftTable.Length is 0 or > 60 || !char.IsAsciiLetter(NftTable[0]) || !NftTable.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            problems.Add($"nftables table \"{NftTable}\" is not a name of letters, digits and \"_\"");
        }

        if (Subnet.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
        {
            problems.Add($"subnet {Subnet} is not IPv4, the only family that this version offers");
        }
        else if (Subnet.PrefixLength is < 1 or > 30)
        {
            problems.Add($"subnet {Subnet} has no room for a gateway and a pod");
        }

        if (Mtu is not 0 and (< 68 or > 65535))
        {
            problems.Add($"MTU {Mtu} is not between 68 and 65535");
        }

        if (!Path.IsPathRooted(StateDirectory))
        {
            problems.Add($"state directory \"{StateDirectory}\" is not an absolute path");
        }

        if (problems.Count > 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"cannot set up the pod network: {string.Join("; ", problems)}");
        }
    }

    // Interface names go into nft(8) commands as quoted strings: no quotes, no wildcard.
    private static bool IsPlain(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
