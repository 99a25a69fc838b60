using System.IO.Pipelines;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Linux;

namespace PodAgent.Cri.Images;

/// <summary>ExportImages: the archive goes to the client while it is made.</summary>
internal static class ImageExport
{
    private const int ChunkSize = 1 << 20;

    public static async Task RunAsync(
        CriContext runtime, ExportImagesRequest request, IServerStreamWriter<ExportImagesResponse> responses, CancellationToken cancellationToken)
    {
        if (request.References.Count == 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "references: at least one is required");
        }

        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4 * ChunkSize, resumeWriterThreshold: 2 * ChunkSize, useSynchronizationContext: false));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = WriteAsync(runtime, request, pipe.Writer, stop.Token);
        try
        {
            await using Stream archive = pipe.Reader.AsStream();
            byte[] buffer = new byte[ChunkSize];
            int count;
            while ((count = await archive.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false)) > 0)
            {
                await responses.WriteAsync(new ExportImagesResponse { Chunk = ByteString.CopyFrom(buffer, 0, count) }, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Ends by completing the writer, with the failure if there was one: the reading side then fails with it.
    private static async Task WriteAsync(CriContext runtime, ExportImagesRequest request, PipeWriter writer, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            await using Stream output = writer.AsStream(leaveOpen: true);
            await runtime.Ports.Images.ExportAsync([.. request.References], output, cancellationToken).ConfigureAwait(false);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            await writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            await writer.CompleteAsync(failure).ConfigureAwait(false);
        }
    }
}
