using PodAgent.Api.Cri;

namespace PodAgent.Cri.Images;

/// <summary>RemoveImage: the image with all its names; unknown is success.</summary>
internal sealed class RemoveImage(CriContext runtime)
{
    public async Task<RemoveImageResponse> InvokeAsync(RemoveImageRequest request, CancellationToken cancellationToken)
    {
        if (request.Image is { Image.Length: > 0 } spec && runtime.Ports.Images.Find(spec.Image) is { } record)
        {
            await runtime.Ports.Images.RemoveAsync(record.Id, cancellationToken).ConfigureAwait(false);
        }

        return new RemoveImageResponse();
    }
}
