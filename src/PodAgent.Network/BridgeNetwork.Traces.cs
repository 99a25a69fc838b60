using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Linux.Networking;
using PodAgent.Linux.Nftables;
using PodAgent.Network.Links;
using PodAgent.Network.Rules;

namespace PodAgent.Network;

public sealed partial class BridgeNetwork
{
    /// <summary>
    /// Removes what the kernel has of a network whose state directory is lost: the rules, and the bridge if this program made it. Nothing is
    /// made for that, and what is not there is no error. Interfaces of pods go with their pods. Whether forwarding was off before is not
    /// known any more: it stays as it is.
    /// </summary>
    /// <exception cref="AgentException">InvalidArgument: the options cannot work. Otherwise the kernel refused; the call can be repeated.</exception>
    public static async Task RemoveTracesAsync(BridgeNetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var thread = new NetworkNamespaceThread("network", options.HostNetworkNamespace);
        try
        {
            await thread.InvokeAsync(() =>
            {
                using var socket = new RouteSocket();
                using NftContext nft = NftContext.Open();
                nft.Run(new NftRuleset(options).Remove());
                new HostLinks(options, socket).RemoveBridge();
            }).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot remove the pod network on bridge \"{options.BridgeName}\": {e.Message}", e);
        }
        finally
        {
            thread.Dispose();
        }
    }
}
