using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cli.Tests.Support;

internal sealed class FakeImageTransfer(FakeImages images) : ImageTransferService.ImageTransferServiceBase
{
    public override async Task<ImportImageResponse> ImportImage(IAsyncStreamReader<ImportImageRequest> requestStream, ServerCallContext context)
    {
        await requestStream.MoveNext(context.CancellationToken);
        ImportImageStart start = requestStream.Current.Start;
        long length = 0;
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            length += requestStream.Current.Chunk.Length;
        }

        images.Imported = (start.Source, start.Reference, length);
        return length > 0
            ? new ImportImageResponse { Images = { new ImportedImage { Id = "sha256:1234", References = { "docker.io/library/app:1" }, NewReferences = { "docker.io/library/app:1" } } } }
            : throw new RpcException(new Status(StatusCode.InvalidArgument, $"{start.Source} is not an image archive"));
    }

    public override Task<UntagImageResponse> UntagImage(UntagImageRequest request, ServerCallContext context)
    {
        Api.Cri.Image image = images.Images.FirstOrDefault(image => image.RepoTags.Contains(request.Reference))
            ?? throw new RpcException(new Status(StatusCode.NotFound, $"image \"{request.Reference}\" not found"));
        image.RepoTags.Remove(request.Reference);
        bool last = image.RepoTags.Count == 0;
        if (last)
        {
            images.Images.Remove(image);
        }

        return Task.FromResult(new UntagImageResponse { Untagged = { request.Reference }, DeletedId = last ? image.Id : "" });
    }
}
