using PodAgent.Api.Cri;
using PodAgent.Images;
using PodAgent.Images.Pulling;
using PodAgent.Linux;

namespace PodAgent.Cri.Images;

/// <summary>PullImage. An image of this node's own making has no registry: it is here, or nowhere.</summary>
internal sealed class PullImage(CriContext runtime)
{
    public async Task<PullImageResponse> InvokeAsync(PullImageRequest request, CancellationToken cancellationToken)
    {
        string reference = request.Image is { Image.Length: > 0 } spec
            ? spec.Image
            : throw new AgentException(ErrorKind.InvalidArgument, "image.image: required");
        if (LocalImages.IsLocal(reference))
        {
            return runtime.Ports.Images.Find(reference) is { } local
                ? new PullImageResponse { ImageRef = local.Id }
                : throw new AgentException(ErrorKind.NotFound, $"image \"{reference}\" is not on this node, and {LocalImages.Domain} is no registry");
        }

        ImageRecord record = await runtime.Ports.Images.PullAsync(
            new PullRequest(reference) { Credential = AuthConfigView.ToCredential(request.Auth, reference) }, cancellationToken).ConfigureAwait(false);
        return new PullImageResponse { ImageRef = record.Id };
    }
}
