using System.IO.Pipelines;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Images;
using PodAgent.Images.Pulling;
using PodAgent.Images.Pushing;
using PodAgent.Images.References;
using PodAgent.Images.Registry;
using PodAgent.Linux;
using Transfer = PodAgent.Images.Transfers.TransferProgress;

namespace PodAgent.Cri.Images;

/// <summary>podagent.v1.ImageTransferService: an archive goes from the network straight into the store, and back, without a file between.</summary>
public sealed class ImageTransferServer : ImageTransferService.ImageTransferServiceBase
{
    private readonly CriContext _runtime;

    internal ImageTransferServer(CriContext runtime) => _runtime = runtime;

    /// <inheritdoc/>
    public override async Task<ImportImageResponse> ImportImage(IAsyncStreamReader<ImportImageRequest> requestStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false)
            || requestStream.Current.RequestCase != ImportImageRequest.RequestOneofCase.Start)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "the first message of ImportImage must be \"start\"");
        }

        ImportImageStart start = requestStream.Current.Start;
        Dictionary<string, IReadOnlyList<string>> before = _runtime.Ports.Images.List().ToDictionary(image => image.Id, image => image.RepoTags);
        var pipe = new Pipe();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        Task filling = FillAsync(requestStream, pipe.Writer, stop.Token);
        IReadOnlyList<ImageRecord> images;
        try
        {
            await using Stream archive = pipe.Reader.AsStream();
            images = await _runtime.Ports.Images.ImportAsync(
                archive, start.Source.Length > 0 ? start.Source : "stream", start.Reference.Length > 0 ? start.Reference : null,
                context.CancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await filling.ConfigureAwait(false);
        }

        var response = new ImportImageResponse();
        response.Images.Add(images.Select(image => new ImportedImage
        {
            Id = image.Id,
            References = { image.RepoTags },
            NewReferences = { image.RepoTags.Except(before.GetValueOrDefault(image.Id) ?? []) },
        }));
        return response;
    }

    /// <inheritdoc/>
    public override Task ExportImages(ExportImagesRequest request, IServerStreamWriter<ExportImagesResponse> responseStream, ServerCallContext context) =>
        ImageExport.RunAsync(_runtime, request, responseStream, context.CancellationToken);

    /// <inheritdoc/>
    public override async Task PullImage(PullImageRequest request, IServerStreamWriter<TransferProgress> responseStream, ServerCallContext context)
    {
        string reference = Required(request.Reference, "reference");
        var progress = new Transfer();
        var pull = new PullRequest(reference) { Credential = Credential(request.Credential), AuthFile = request.AuthFile.Memory, Progress = progress };
        await TransferStream.RunAsync(
            _runtime.Time,
            progress,
            async ct =>
            {
                ImageRecord image = LocalImages.IsLocal(reference)
                    ? _runtime.Ports.Images.Find(reference)
                        ?? throw new AgentException(ErrorKind.NotFound, $"image \"{reference}\" is not on this node, and {LocalImages.Domain} is no registry")
                    : await _runtime.Ports.Images.PullAsync(pull, ct).ConfigureAwait(false);
                ImageReference name = ImageReference.Parse(reference).WithDefaultTag();
                string digest = name.Digest ?? image.RepoDigests.FirstOrDefault(each => each.StartsWith(name.Repository + "@", StringComparison.Ordinal)) ?? image.ManifestDigest;
                return new TransferResult { Reference = name.ToString(), Id = image.Id, Digest = digest[(digest.IndexOf('@') + 1)..] };
            },
            responseStream,
            context.CancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task PushImage(PushImageRequest request, IServerStreamWriter<TransferProgress> responseStream, ServerCallContext context)
    {
        string reference = Required(request.Reference, "reference");
        string target = request.Target.Length > 0 ? request.Target : reference;
        var progress = new Transfer();
        var push = new PushRequest(reference)
        {
            Target = target,
            Credential = Credential(request.Credential),
            AuthFile = request.AuthFile.Memory,
            Progress = progress,
        };
        await TransferStream.RunAsync(
            _runtime.Time,
            progress,
            async ct =>
            {
                string digest = await _runtime.Ports.Images.PushAsync(push, ct).ConfigureAwait(false);
                return new TransferResult
                {
                    Reference = ImageReference.Parse(target).WithDefaultTag().ToString(),
                    Id = _runtime.Ports.Images.Find(reference)?.Id ?? "",
                    Digest = digest,
                };
            },
            responseStream,
            context.CancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task<TagImageResponse> TagImage(TagImageRequest request, ServerCallContext context)
    {
        string name = Required(request.Name, "name");
        await _runtime.Ports.Images.TagAsync(Required(request.Reference, "reference"), name, context.CancellationToken).ConfigureAwait(false);
        return new TagImageResponse { Reference = ImageReference.Parse(name).WithDefaultTag().ToString() };
    }

    /// <inheritdoc/>
    public override Task<UntagImageResponse> UntagImage(UntagImageRequest request, ServerCallContext context) =>
        new ImageRemoval(_runtime).UntagAsync(Required(request.Reference, "reference"), request.Force, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<PruneImagesResponse> PruneImages(PruneImagesRequest request, ServerCallContext context) =>
        new ImageRemoval(_runtime).PruneAsync(request.All, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<InspectImageResponse> InspectImage(InspectImageRequest request, ServerCallContext context)
    {
        ImageDocuments documents = _runtime.Ports.Images.Inspect(Required(request.Reference, "reference"));
        return Task.FromResult(new InspectImageResponse
        {
            Id = documents.Image.Id,
            Tags = { documents.Image.RepoTags },
            Digests = { documents.Image.RepoDigests },
            Size = documents.Image.Size,
            Config = ByteString.CopyFrom(documents.Config),
            Manifest = ByteString.CopyFrom(documents.Manifest),
            ManifestDigest = documents.Image.ManifestDigest,
            Pinned = documents.Image.Pinned,
        });
    }

    private static string Required(string value, string field) =>
        value.Length > 0 ? value : throw new AgentException(ErrorKind.InvalidArgument, $"{field}: required");

    private static RegistryCredential? Credential(ImageCredential? credential) => credential is null ? null : new RegistryCredential
    {
        Username = credential.Username,
        Password = credential.Password,
        IdentityToken = credential.IdentityToken,
        RegistryToken = credential.RegistryToken,
    };

    // Ends by completing the writer, with the failure if there was one: the reading side then fails with it.
    private static async Task FillAsync(IAsyncStreamReader<ImportImageRequest> requests, PipeWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                if (requests.Current.RequestCase != ImportImageRequest.RequestOneofCase.Chunk)
                {
                    throw new AgentException(ErrorKind.InvalidArgument, "after \"start\" every message of ImportImage must be a \"chunk\"");
                }

                FlushResult flushed = await writer.WriteAsync(requests.Current.Chunk.Memory, cancellationToken).ConfigureAwait(false);
                if (flushed.IsCompleted)
                {
                    break;
                }
            }

            await writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            await writer.CompleteAsync(failure).ConfigureAwait(false);
        }
    }
}
