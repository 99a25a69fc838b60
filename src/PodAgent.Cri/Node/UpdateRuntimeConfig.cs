using PodAgent.Api.Cri;

namespace PodAgent.Cri.Node;

/// <summary>
/// UpdateRuntimeConfig: a kubelet passes on the addresses that the cluster has given to its node's pods. An empty range says nothing.
/// </summary>
internal sealed class UpdateRuntimeConfig(CriContext runtime)
{
    public async Task<UpdateRuntimeConfigResponse> InvokeAsync(UpdateRuntimeConfigRequest request, CancellationToken cancellationToken)
    {
        if (request.RuntimeConfig?.NetworkConfig is { PodCidr.Length: > 0 } network)
        {
            await runtime.Ports.Network.UseSubnetAsync(network.PodCidr, cancellationToken).ConfigureAwait(false);
        }

        return new UpdateRuntimeConfigResponse();
    }
}
