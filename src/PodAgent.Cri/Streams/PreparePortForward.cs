using PodAgent.Api.Cri;
using PodAgent.Linux;

namespace PodAgent.Cri.Streams;

/// <summary>PortForward: checks the request and answers where its client finds the streams.</summary>
internal sealed class PreparePortForward(CriContext runtime, StreamingServer server)
{
    public async Task<PortForwardResponse> InvokeAsync(PortForwardRequest request, CancellationToken cancellationToken)
    {
        if (request.PodSandboxId.Length == 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "missing required pod_sandbox_id");
        }

        int[] wrong = [.. request.Port.Where(port => port is < 1 or > ushort.MaxValue)];
        if (wrong.Length > 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"not between 1 and 65535: port {string.Join(", ", wrong)}");
        }

        _ = new SandboxPorts(runtime, request.PodSandboxId);
        return new PortForwardResponse { Url = await server.OfferAsync("portforward", request, cancellationToken).ConfigureAwait(false) };
    }
}
