using System.CommandLine;
using Google.Protobuf;
using PodAgent.Api.V1;
using PodAgent.Cli.Output;
using PodAgent.Cli.Terminal;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl image</c> and what stands below it.</summary>
internal static class ImageCommand
{
    private const int ChunkSize = 1024 * 1024;

    private static readonly Argument<string> s_archive = new("FILE") { Description = "docker-archive or OCI-layout tar, plain or compressed; - for standard input" };
    private static readonly Option<string?> s_tag = new("--tag", "-t") { Description = "name for an image that the archive leaves unnamed" };
    private static readonly Argument<string[]> s_images = new("IMAGE") { Description = "name or ID", Arity = ArgumentArity.OneOrMore };
    private static readonly Argument<string> s_image = new("IMAGE") { Description = "name or ID" };
    private static readonly Argument<string> s_name = new("NAME") { Description = "another name for it" };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "also when containers use it, or an ID has several names" };
    private static readonly Option<bool> s_all = new("--all", "-a") { Description = "also images with names" };
    private static readonly Option<string?> s_output = new("--output", "-o") { Description = "file to write; standard output without" };

    public static Command Create()
    {
        var import = new Command("import", "Load images from a tar file") { s_archive, s_tag };
        import.Aliases.Add("load");
        CommandContext.Bind(import, ImportAsync);
        var save = new Command("save", "Write images to a tar file that docker, podman and this program load") { s_images, s_output };
        CommandContext.Bind(save, SaveAsync);
        var remove = new Command("rm", "Remove names, and images with their last name") { s_images, s_force };
        CommandContext.Bind(remove, RemoveAsync);
        var prune = new Command("prune", "Remove images that nothing uses and that have no name") { s_all };
        CommandContext.Bind(prune, PruneAsync);
        var tag = new Command("tag", "Give an image another name") { s_image, s_name };
        CommandContext.Bind(tag, TagAsync);
        var inspect = new Command("inspect", "Show everything about images, as JSON") { s_images };
        CommandContext.Bind(inspect, ImageInspection.InspectAsync(s_images));
        var history = new Command("history", "Show how an image was built") { s_image, ImagesCommand.NoTrunc };
        CommandContext.Bind(history, ImageInspection.HistoryAsync(s_image, ImagesCommand.NoTrunc));
        return new Command("image", "Work with the images of this node")
        {
            import, save, TransferCommand.CreatePull(), TransferCommand.CreatePush(), remove, prune, tag, inspect, history, ImagesCommand.CreateList(),
        };
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
            Console.Out.WriteLine(image switch
            {
                { NewReferences.Count: > 0 } => $"Imported {string.Join(", ", image.NewReferences)}",
                { References.Count: > 0 } => $"Unchanged {string.Join(", ", image.References)}",
                _ => $"Imported {image.Id}",
            });
        }

        return 0;
    }

    private static FileStream Open(string file) =>
        File.Exists(file)
            ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, ChunkSize, FileOptions.Asynchronous | FileOptions.SequentialScan)
            : throw new CliException($"error: the path \"{file}\" does not exist");

    private static async Task<int> SaveAsync(CommandContext context, CancellationToken cancel)
    {
        string? file = context.Arguments.GetValue(s_output);
        if (file is null && Screen.IsTerminal)
        {
            throw new CliException("error: an image is not written to a terminal; use --output FILE or a pipe");
        }

        // Beside its place until it is whole.
        string? temporary = file is null or "-" ? null : file + ".new";
        try
        {
            await using (Stream output = temporary is null ? Console.OpenStandardOutput() : new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                using var call = context.Agent.ImageTransfer.ExportImages(
                    new ExportImagesRequest { References = { context.Arguments.GetValue(s_images)! } }, cancellationToken: cancel);
                while (await call.ResponseStream.MoveNext(cancel))
                {
                    await output.WriteAsync(call.ResponseStream.Current.Chunk.Memory, cancel);
                }
            }

            if (temporary is not null)
            {
                File.Move(temporary, file!, overwrite: true);
            }

            return 0;
        }
        catch
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }

            throw;
        }
    }

    private static async Task<int> RemoveAsync(CommandContext context, CancellationToken cancel)
    {
        int status = 0;
        foreach (string image in context.Arguments.GetValue(s_images)!)
        {
            try
            {
                Report(await context.Agent.ImageTransfer.UntagImageAsync(
                    new UntagImageRequest { Reference = image, Force = context.Arguments.GetValue(s_force) }, cancellationToken: cancel));
            }
            catch (Grpc.Core.RpcException failure) when (failure.StatusCode is Grpc.Core.StatusCode.NotFound or Grpc.Core.StatusCode.FailedPrecondition)
            {
                // The others are removed all the same.
                Console.Error.WriteLine(Connection.FailureText.Describe(failure));
                status = 1;
            }
        }

        return status;
    }

    private static void Report(UntagImageResponse removed)
    {
        foreach (string name in removed.Untagged)
        {
            Console.Out.WriteLine($"Untagged: {name}");
        }

        if (removed.DeletedId.Length > 0)
        {
            Console.Out.WriteLine($"Deleted: {removed.DeletedId}");
        }
    }

    private static async Task<int> PruneAsync(CommandContext context, CancellationToken cancel)
    {
        PruneImagesResponse response = await context.Agent.ImageTransfer.PruneImagesAsync(
            new PruneImagesRequest { All = context.Arguments.GetValue(s_all) }, cancellationToken: cancel);
        foreach (UntagImageResponse removed in response.Removed)
        {
            Report(removed);
        }

        Console.Out.WriteLine($"Total reclaimed space: {ImagesCommand.Size((ulong)response.ReclaimedBytes)}");
        return 0;
    }

    private static async Task<int> TagAsync(CommandContext context, CancellationToken cancel)
    {
        TagImageResponse response = await context.Agent.ImageTransfer.TagImageAsync(
            new TagImageRequest { Reference = context.Arguments.GetValue(s_image), Name = context.Arguments.GetValue(s_name) }, cancellationToken: cancel);
        Console.Out.WriteLine(response.Reference);
        return 0;
    }
}
