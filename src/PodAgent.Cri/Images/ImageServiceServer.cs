using Grpc.Core;
using PodAgent.Api.Cri;

namespace PodAgent.Cri.Images;

/// <summary>CRI's ImageService; each call has a class of its own.</summary>
public sealed class ImageServiceServer : ImageService.ImageServiceBase
{
    private readonly ListImages _list;
    private readonly GetImageStatus _status;
    private readonly PullImage _pull;
    private readonly RemoveImage _remove;
    private readonly GetImageFsInfo _fileSystems;

    internal ImageServiceServer(CriContext runtime)
    {
        _list = new ListImages(runtime);
        _status = new GetImageStatus(runtime);
        _pull = new PullImage(runtime);
        _remove = new RemoveImage(runtime);
        _fileSystems = new GetImageFsInfo(runtime);
    }

    /// <inheritdoc/>
    public override Task<ListImagesResponse> ListImages(ListImagesRequest request, ServerCallContext context) =>
        Task.FromResult(_list.Invoke(request));

    /// <inheritdoc/>
    public override Task StreamImages(
        StreamImagesRequest request, IServerStreamWriter<StreamImagesResponse> responseStream, ServerCallContext context) =>
        _list.StreamAsync(request.Filter, message => responseStream.WriteAsync(message, context.CancellationToken));

    /// <inheritdoc/>
    public override Task<ImageStatusResponse> ImageStatus(ImageStatusRequest request, ServerCallContext context) =>
        Task.FromResult(_status.Invoke(request));

    /// <inheritdoc/>
    public override Task<PullImageResponse> PullImage(PullImageRequest request, ServerCallContext context) =>
        _pull.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<RemoveImageResponse> RemoveImage(RemoveImageRequest request, ServerCallContext context) =>
        _remove.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ImageFsInfoResponse> ImageFsInfo(ImageFsInfoRequest request, ServerCallContext context) =>
        Task.FromResult(_fileSystems.Invoke());
}
