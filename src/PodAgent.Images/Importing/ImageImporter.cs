using System.IO.Pipelines;
using PodAgent.Images.Content;
using PodAgent.Images.Records;
using PodAgent.Images.References;
using PodAgent.Images.Snapshots;
using PodAgent.Linux;

namespace PodAgent.Images.Importing;

/// <summary>
/// Takes an archive in:
/// 1. take it apart into numbered files, hashing each;
/// 2. find its images and check every digest and size that is stated;
/// 3. unpack the layers that are not there yet, checking each against its diff ID;
/// 4. write everything to the disk;
/// 5. with the gate held, move blobs and snapshots to their places and only then write the records.
/// A failure before 5 leaves nothing; a crash in 5 leaves at most parts that no record names, which the next start removes.
/// </summary>
internal sealed class ImageImporter(ImageStoreOptions options, ContentStore content, SnapshotStore snapshots)
{
    private const int PipeCapacity = 4 << 20;
    private readonly string _ingest = Path.Combine(options.Root, "ingest");

    // Two imports of one image, or of two with a common base, would otherwise do the same work twice.
    private readonly SemaphoreSlim _unpacking = new(1, 1);

    /// <summary>Imports all images of an archive.</summary>
    public async Task<IReadOnlyList<ImageRecord>> ImportAsync(
        Stream archive, string? reference, Func<IReadOnlyList<ImportedImage>, IReadOnlyList<ImageRecord>> commit, CancellationToken ct)
    {
        ImageReference? name = reference is null ? null : ImageReference.Parse(reference).WithDefaultTag();
        string directory = Path.Combine(_ingest, Guid.NewGuid().ToString("n"));
        RecordFile.MakeDirectory(directory);
        try
        {
            // 1.
            StagedArchive staged = await StageAsync(archive, directory, ct).ConfigureAwait(false);

            // 2.
            IReadOnlyList<ImportedImage> images = Name(Read(staged), name);
            await _unpacking.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                return await Task.Run(() => Store(images, directory, commit, ct), CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                _unpacking.Release();
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Makes an image's missing snapshots from its blobs.</summary>
    /// <exception cref="ContentException">A blob is missing or damaged.</exception>
    public void Restore(StoredImage image, CancellationToken ct)
    {
        foreach (StoredLayer layer in image.Layers)
        {
            if (!content.Contains(layer.Digest))
            {
                throw new ContentException(ErrorKind.DataLoss, $"blob {layer.Digest} is missing");
            }
        }

        var pending = new Dictionary<string, PendingSnapshot>();
        try
        {
            Unpack(image.Layers, layer => content.Open(layer.Digest), layer => $"layer {layer.Digest}", pending, ct);
            snapshots.Flush(options.Root);
            snapshots.Commit(pending.Values);
        }
        catch
        {
            Discard(pending.Values);
            throw;
        }
    }

    /// <summary>Removes what imports of a crashed process left.</summary>
    public void RemoveRemains()
    {
        RecordFile.MakeDirectory(_ingest);
        foreach (string directory in Directory.EnumerateDirectories(_ingest))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // The sender is asynchronous (a gRPC stream, a file), unpacking is not: a pipe of a few megabytes joins them.
    private async Task<StagedArchive> StageAsync(Stream archive, string directory, CancellationToken ct)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: PipeCapacity, resumeWriterThreshold: PipeCapacity / 2, minimumSegmentSize: 64 * 1024, useSynchronizationContext: false));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task feeding = FeedAsync(archive, pipe.Writer, stop.Token);
        Task<StagedArchive> reading = Task.Factory.StartNew(
            () =>
            {
                using Stream stream = pipe.Reader.AsStream();
                return StagedArchive.Read(stream, directory, options.Limits, ct);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            return await reading.ConfigureAwait(false);
        }
        finally
        {
            // When reading failed nobody takes any more of the archive; the stream must be out of use before the caller has it back.
            await stop.CancelAsync().ConfigureAwait(false);
            await feeding.ConfigureAwait(false);
        }
    }

    private static async Task FeedAsync(Stream archive, PipeWriter writer, CancellationToken ct)
    {
        Exception? failure = null;
        try
        {
            await archive.CopyToAsync(writer, ct).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The reader throws it; here it would only be seen twice.
            failure = e;
        }

        await writer.CompleteAsync(failure).ConfigureAwait(false);
    }

    private IReadOnlyList<ImportedImage> Read(StagedArchive archive)
    {
        // docker since version 25 writes both; the layout says more.
        IReadOnlyList<ImportedImage> images = archive.Find(OciLayout.IndexName) is not null
            ? new OciLayout(archive, options.Limits).Read()
            : archive.Find(DockerArchive.ManifestName) is not null
                ? DockerArchive.Read(archive, options.Limits)
                : throw new ContentException(
                    ErrorKind.InvalidArgument, $"it is no image archive: it has neither {OciLayout.IndexName} nor {DockerArchive.ManifestName}");
        return images.Count > 0 ? images : throw new ContentException(ErrorKind.InvalidArgument, "it holds no image");
    }

    private static IReadOnlyList<ImportedImage> Name(IReadOnlyList<ImportedImage> images, ImageReference? name)
    {
        if (name is null)
        {
            return images;
        }

        int unnamed = images.Count(image => image.Names.Count == 0);
        if (unnamed > 1)
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{unnamed} of its images have no name, \"{name}\" can be given to one only");
        }

        return [.. images.Select(image => image.Names.Count > 0 ? image : image with { Names = [Verified(name, image)] })];
    }

    private static ImageReference Verified(ImageReference name, ImportedImage image) => name.Digest is null || name.Digest == image.TargetDigest
        ? name
        : throw new ContentException(ErrorKind.InvalidArgument, $"the image has digest {image.TargetDigest}, which does not fit the name \"{name}\"");

    private IReadOnlyList<ImageRecord> Store(
        IReadOnlyList<ImportedImage> images, string directory, Func<IReadOnlyList<ImportedImage>, IReadOnlyList<ImageRecord>> commit, CancellationToken ct)
    {
        var pending = new Dictionary<string, PendingSnapshot>();
        try
        {
            while (true)
            {
                // 3.
                foreach (ImportedImage image in images)
                {
                    IReadOnlyList<string> chain = ChainId.Of(image.Parsed.DiffIds);
                    StoredLayer[] layers = [.. image.Layers.Select((layer, i) => new StoredLayer(layer.Digest, image.Parsed.DiffIds[i], chain[i]))];
                    StagedFile FileOf(StoredLayer layer) => image.Layers[Array.IndexOf(layers, layer)];
                    Unpack(layers, layer => File.OpenRead(FileOf(layer).Path), layer => $"layer {layer.Digest} (entry \"{FileOf(layer).Entry}\")", pending, ct);
                }

                // 4.
                snapshots.Flush(options.Root);

                // 5.
                snapshots.Gate.Wait(ct);
                try
                {
                    // A snapshot that was there may have been collected with its last image meanwhile.
                    if (!images.SelectMany(image => ChainId.Of(image.Parsed.DiffIds)).All(id => pending.ContainsKey(id) || snapshots.Contains(id)))
                    {
                        continue;
                    }

                    content.Adopt(images.SelectMany(image => image.Files).DistinctBy(file => file.Digest).Select(file => KeyValuePair.Create(file.Digest, file.Path)));
                    snapshots.Commit(pending.Values);
                    pending.Clear();
                    return commit(images);
                }
                finally
                {
                    snapshots.Gate.Release();
                }
            }
        }
        finally
        {
            Discard(pending.Values);
        }
    }

    private void Unpack(
        IReadOnlyList<StoredLayer> layers,
        Func<StoredLayer, Stream> open,
        Func<StoredLayer, string> describe,
        Dictionary<string, PendingSnapshot> pending,
        CancellationToken ct)
    {
        var lower = new List<string>();
        long budget = options.Limits.MaxImageSize;
        foreach (StoredLayer layer in layers)
        {
            if (!pending.TryGetValue(layer.ChainId, out PendingSnapshot? snapshot) && !snapshots.Contains(layer.ChainId))
            {
                try
                {
                    // Everything is flushed before the layers get their places.
                    snapshot = snapshots.Unpack(_ => open(layer), layer, LayerDurability.Lasting, lower, budget, options.Limits, ct);
                }
                catch (ContentException e)
                {
                    throw new ContentException(e.Kind, $"{describe(layer)}: {e.Message}", e);
                }

                budget -= snapshot.TarSize;
                pending.Add(layer.ChainId, snapshot);
            }

            lower.Insert(0, snapshot?.FileSystem ?? snapshots.PathOf(layer.ChainId));
        }
    }

    private static void Discard(IEnumerable<PendingSnapshot> pending)
    {
        foreach (PendingSnapshot snapshot in pending)
        {
            SnapshotStore.RemoveTree(snapshot.Directory);
        }
    }
}
