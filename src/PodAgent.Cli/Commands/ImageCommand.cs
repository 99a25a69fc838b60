using System.CommandLine;
using Google.Protobuf;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Cli.Terminal;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl image import|rm</c>.</summary>
internal static class ImageCommand
{
    private const int ChunkSize = 1024 * 1024;

    private static readonly Argument<string> s_archive = new("FILE") { Description = "docker-archive or OCI-layout tar, plain or gzip; - for standard input" };
    private static readonly Option<string?> s_tag = new("--tag", "-t") { Description = "name for an image that the archive leaves unnamed" };
    private static readonly Argument<string[]> s_images = new("IMAGE") { Description = "name or ID", Arity = ArgumentArity.OneOrMore };

    public static Command Create()
    {
        var import = new Command("import", "Load images from a tar file") { s_archive, s_tag };
        CommandContext.Bind(import, ImportAsync);
        var remove = new Command("rm", "Remove images") { s_images };
        CommandContext.Bind(remove, RemoveAsync);
        return new Command("image", "Load and remove images") { import, remove };
    }

    private static async Task<int> ImportAsync(CommandContext context, CancellationToken cancel)
    {
        string file = context.Arguments.GetValue(s_archive)!;
        await using Stream archive = file == "-" ? StandardStream.Input : Open(file);
        using var call = context.Agent.ImageTransfer.ImportImage(cancellationToken: cancel);
        var start = new ImportImageStart { Source = file == "-" ? "standard input" : file, Reference = context.Arguments.GetValue(s_tag) ?? "" };
        try
        {
            await call.RequestStream.WriteAsync(new ImportImageRequest { Start = start }, cancel);
            byte[] buffer = new byte[ChunkSize];
            int count;
            while ((count = await archive.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel)) > 0)
            {
                await call.RequestStream.WriteAsync(new ImportImageRequest { Chunk = ByteString.CopyFrom(buffer, 0, count) }, cancel);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception failure) when (failure is Grpc.Core.RpcException or InvalidOperationException or IOException && !cancel.IsCancellationRequested)
        {
            // The agent refused the archive while it was still being sent: its answer below says why.
        }

        ImportImageResponse response = await call.ResponseAsync;
        foreach (ImportedImage image in response.Images)
        {
            Console.Out.WriteLine($"Imported {(image.References.Count > 0 ? string.Join(", ", image.References) : image.Id)}");
        }

        return 0;
    }

    private static FileStream Open(string file) =>
        File.Exists(file)
            ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, ChunkSize, FileOptions.Asynchronous | FileOptions.SequentialScan)
            : throw new CliException($"error: the path \"{file}\" does not exist");

    private static async Task<int> RemoveAsync(CommandContext context, CancellationToken cancel)
    {
        int status = 0;
        foreach (string image in context.Arguments.GetValue(s_images)!)
        {
            var spec = new ImageSpec { Image = image };
            ImageStatusResponse found = await context.Agent.Images.ImageStatusAsync(new ImageStatusRequest { Image = spec }, cancellationToken: cancel);
            if (found.Image is null)
            {
                Console.Error.WriteLine($"Error from podagent (NotFound): image \"{image}\" not found");
                status = 1;
                continue;
            }

            await context.Agent.Images.RemoveImageAsync(new RemoveImageRequest { Image = spec }, cancellationToken: cancel);
            Console.Out.WriteLine($"Deleted: {image}");
        }

        return status;
    }
}
