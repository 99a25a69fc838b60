using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Streams;

/// <summary>Attach: checks the request and answers where its client finds the streams.</summary>
internal sealed class PrepareAttach(CriContext runtime, StreamingServer server)
{
    public async Task<AttachResponse> InvokeAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        StreamValidation.Check(request.ContainerId, request.Stdin, request.Stdout, request.Stderr, request.Tty);
        ContainerGuards.Check(runtime.Containers.Get(request.ContainerId).Record, ContainerVerb.Attach);
        return new AttachResponse { Url = await server.OfferAsync("attach", request, cancellationToken).ConfigureAwait(false) };
    }
}
