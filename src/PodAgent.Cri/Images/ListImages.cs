using PodAgent.Api.Cri;
using PodAgent.Images;

namespace PodAgent.Cri.Images;

/// <summary>ListImages and StreamImages.</summary>
internal sealed class ListImages(CriContext runtime)
{
    public ListImagesResponse Invoke(ListImagesRequest request) => new() { Images = { Select(request.Filter).Select(ImageView.ToImage) } };

    public async Task StreamAsync(ImageFilter? filter, Func<StreamImagesResponse, Task> write)
    {
        foreach (ImageRecord[] part in Select(filter).Chunk(Paging.ItemsPerMessage))
        {
            await write(new StreamImagesResponse { Images = { part.Select(ImageView.ToImage) } }).ConfigureAwait(false);
        }
    }

    private IEnumerable<ImageRecord> Select(ImageFilter? filter)
    {
        if (filter?.Image is not { Image.Length: > 0 } wanted)
        {
            return runtime.Ports.Images.List();
        }

        return runtime.Ports.Images.Find(wanted.Image) is { } found ? [found] : [];
    }
}
