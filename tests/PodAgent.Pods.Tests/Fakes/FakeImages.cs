using System.Collections.Concurrent;
using Grpc.Core;

namespace PodAgent.Pods.Tests.Fakes;

/// <summary>An image service in memory.</summary>
internal sealed class FakeImages : Cri.ImageService.ImageServiceBase
{
    public ConcurrentDictionary<string, Cri.Image> Present { get; } = new();

    /// <summary>Null: pulls fail.</summary>
    public Func<string, CancellationToken, Task<string?>>? OnPull { get; set; }

    public int Pulls;

    public void Add(string name, long? uid = null, string user = "")
    {
        Cri.Image image = new() { Id = $"sha256:{name.GetHashCode():x8}", RepoTags = { name }, Username = user };
        if (uid is { } value)
        {
            image.Uid = new Cri.Int64Value { Value = value };
        }

        Present[name] = image;
    }

    public override Task<Cri.ImageStatusResponse> ImageStatus(Cri.ImageStatusRequest request, ServerCallContext context)
    {
        Cri.ImageStatusResponse response = new();
        if (Present.TryGetValue(request.Image.Image, out Cri.Image? image))
        {
            response.Image = image;
        }

        return Task.FromResult(response);
    }

    public override Task<Cri.ListImagesResponse> ListImages(Cri.ListImagesRequest request, ServerCallContext context) =>
        Task.FromResult(new Cri.ListImagesResponse { Images = { Present.Values.DistinctBy(image => image.Id).OrderBy(image => image.Id, StringComparer.Ordinal) } });

    public override Task<Cri.ImageFsInfoResponse> ImageFsInfo(Cri.ImageFsInfoRequest request, ServerCallContext context) => Task.FromResult(new Cri.ImageFsInfoResponse
    {
        ImageFilesystems = { new Cri.FilesystemUsage { FsId = new Cri.FilesystemIdentifier { Mountpoint = "/" } } },
    });

    public override Task<Cri.RemoveImageResponse> RemoveImage(Cri.RemoveImageRequest request, ServerCallContext context)
    {
        foreach ((string name, Cri.Image image) in Present)
        {
            if (image.Id == request.Image.Image)
            {
                Present.TryRemove(name, out _);
            }
        }

        return Task.FromResult(new Cri.RemoveImageResponse());
    }

    public override async Task<Cri.PullImageResponse> PullImage(Cri.PullImageRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref Pulls);
        string? failure = OnPull is null ? "no such image" : await OnPull(request.Image.Image, context.CancellationToken);
        if (failure is not null)
        {
            throw new RpcException(new RpcStatus(StatusCode.NotFound, failure));
        }

        Add(request.Image.Image);
        return new Cri.PullImageResponse { ImageRef = request.Image.Image };
    }
}
