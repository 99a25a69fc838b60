using PodAgent.Api.Cri;
using PodAgent.Images;
using PodAgent.Linux;

namespace PodAgent.Cri.Images;

/// <summary>ImageStatus; an image that is not here is an answer without image, not an error.</summary>
internal sealed class GetImageStatus(CriContext runtime)
{
    public ImageStatusResponse Invoke(ImageStatusRequest request)
    {
        string reference = request.Image is { Image.Length: > 0 } spec
            ? spec.Image
            : throw new AgentException(ErrorKind.InvalidArgument, "image.image: required");
        ImageRecord? record = runtime.Ports.Images.Find(reference);
        var response = new ImageStatusResponse();
        if (record is not null)
        {
            response.Image = ImageView.ToImage(record);
            if (request.Verbose)
            {
                response.Info.Add("info", ImageDetails.Write(record));
            }
        }

        return response;
    }
}
