using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Network;

namespace PodAgent.Cri.Adapters;

/// <summary>
/// The range of pod addresses that a kubelet asked for, kept in the network's state directory: an agent that is replaced is not told
/// again. A reboot ends it, but after one the kubelet tells anew.
/// </summary>
internal static class PodSubnet
{
    private const string FileName = "pod-cidr";

    /// <summary>The range of a family that the bridge has, out of a list with commas.</summary>
    /// <exception cref="AgentException">InvalidArgument.</exception>
    public static IPNetwork Choose(string ranges)
    {
        var networks = new List<IPNetwork>();
        foreach (string range in ranges.Split(','))
        {
            networks.Add(IPNetwork.TryParse(range, out IPNetwork network)
                ? network
                : throw new AgentException(ErrorKind.InvalidArgument, $"pod_cidr: \"{range}\" is not a range of addresses"));
        }

        foreach (IPNetwork network in networks.Where(network => network.BaseAddress.AddressFamily == AddressFamily.InterNetwork))
        {
            return network.PrefixLength is >= 1 and <= 30
                ? network
                : throw new AgentException(ErrorKind.InvalidArgument, $"pod_cidr: {network} has no room for a gateway and a pod");
        }

        throw new AgentException(ErrorKind.InvalidArgument, $"pod_cidr: \"{ranges}\" has no IPv4 range, the only family of the built-in network");
    }

    /// <summary>Writes the range down.</summary>
    public static BridgeNetworkOptions Note(BridgeNetworkOptions configured, IPNetwork subnet)
    {
        Directory.CreateDirectory(configured.StateDirectory);
        AtomicFile.Write(Path.Combine(configured.StateDirectory, FileName), System.Text.Encoding.ASCII.GetBytes(subnet.ToString()));
        return configured with { Subnet = subnet };
    }

    /// <summary>The range that was written down, else the configured one.</summary>
    public static BridgeNetworkOptions Restore(BridgeNetworkOptions configured, ILogger log)
    {
        string path = Path.Combine(configured.StateDirectory, FileName);
        if (!File.Exists(path))
        {
            return configured;
        }

        if (IPNetwork.TryParse(File.ReadAllText(path), out IPNetwork subnet))
        {
            return configured with { Subnet = subnet };
        }

        log.CleanupFailed("pod network", $"\"{path}\" is not a range of addresses; {configured.Subnet} is used");
        return configured;
    }
}
