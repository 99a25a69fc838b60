using PodAgent.Api.Cri;
using PodAgent.Linux;

namespace PodAgent.Cri.Images;

/// <summary>PullImage, for images that are here already.</summary>
internal sealed class PullImage(CriContext runtime)
{
    public PullImageResponse Invoke(PullImageRequest request)
    {
        string reference = request.Image is { Image.Length: > 0 } spec
            ? spec.Image
            : throw new AgentException(ErrorKind.InvalidArgument, "image.image: required");
        return runtime.Ports.Images.Find(reference) is { } record
            ? new PullImageResponse { ImageRef = record.Id }
            : throw new AgentException(
                ErrorKind.NotFound,
                $"image \"{reference}\" is not on this node, and pulling from registries is not offered by this version; "
                + "import it with \"podctl image import\"");
    }
}
