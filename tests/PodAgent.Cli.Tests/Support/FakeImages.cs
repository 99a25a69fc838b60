using Grpc.Core;
using PodAgent.Api.Cri;

namespace PodAgent.Cli.Tests.Support;

internal sealed class FakeImages : ImageService.ImageServiceBase
{
    public List<Image> Images { get; } = [];

    /// <summary>What the last import sent: its source, the name to give, and how many bytes.</summary>
    public (string Source, string Reference, long Length) Imported { get; set; }

    public override Task<ListImagesResponse> ListImages(ListImagesRequest request, ServerCallContext context)
    {
        var response = new ListImagesResponse();
        response.Images.AddRange(Images);
        return Task.FromResult(response);
    }

    public override Task<ImageStatusResponse> ImageStatus(ImageStatusRequest request, ServerCallContext context) =>
        Task.FromResult(new ImageStatusResponse { Image = Find(request.Image.Image) });

    public override Task<RemoveImageResponse> RemoveImage(RemoveImageRequest request, ServerCallContext context)
    {
        Images.Remove(Find(request.Image.Image)!);
        return Task.FromResult(new RemoveImageResponse());
    }

    private Image? Find(string reference) => Images.FirstOrDefault(image => image.RepoTags.Contains(reference));
}
