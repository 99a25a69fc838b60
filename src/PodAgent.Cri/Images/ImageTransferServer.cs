using System.IO.Pipelines;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Images;
using PodAgent.Linux;

namespace PodAgent.Cri.Images;

/// <summary>podagent.v1.ImageTransferService: the archive goes from the network straight into the store, without a file between.</summary>
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
        response.Images.Add(images.Select(image => new ImportedImage { Id = image.Id, References = { image.RepoTags } }));
        return response;
    }

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
