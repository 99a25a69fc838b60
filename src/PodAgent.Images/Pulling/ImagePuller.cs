using PodAgent.Images.Configs;
using PodAgent.Images.Content;
using PodAgent.Images.Importing;
using PodAgent.Images.Manifests;
using PodAgent.Images.Records;
using PodAgent.Images.References;
using PodAgent.Images.Registry;
using PodAgent.Images.Registry.Authentication;
using PodAgent.Images.Snapshots;
using PodAgent.Images.Transfers;
using PodAgent.Linux;

namespace PodAgent.Images.Pulling;

/// <summary>
/// Pulls images:
/// 1. the name is resolved to a manifest for this host;
/// 2. what the image needs is leased, so that nobody collects what is there already;
/// 3. the configuration is fetched and checked against the manifest;
/// 4. layers are fetched side by side and unpacked in order as they arrive, each verified by both of its digests before it gets its name;
/// 5. blobs are on the disk: what was unpacked can be unpacked again;
/// 6. the record is written, and with it the image is there.
/// What a failed or cancelled pull has fetched stays for the next one, until garbage is collected.
/// </summary>
internal sealed class ImagePuller(ImageStoreOptions options, ContentStore content, PartialBlobs partials, SnapshotStore snapshots, ContentLeases leases)
{
    private readonly BlobDownloads _downloads = new();
    private readonly BlobFetcher _fetcher = new(content, partials, options.Registry);
    private readonly KeyedLock _unpacking = new();

    /// <summary>Pulls one.</summary>
    /// <param name="request">What to pull.</param>
    /// <param name="find">Finds an image that is here.</param>
    /// <param name="commit">Writes the record; called with the snapshots' gate held.</param>
    /// <param name="ct">Gives it up.</param>
    public async Task<ImageRecord> PullAsync(
        PullRequest request, Func<string, ImageRecord?> find, Func<IReadOnlyList<ImportedImage>, IReadOnlyList<ImageRecord>> commit, CancellationToken ct)
    {
        // With a digest the tag says nothing that could be checked.
        ImageReference name = ImageReference.Parse(request.Reference).WithoutTagBesideDigest().WithDefaultTag();
        RegistrySession session = RegistrySession.Open(name, request.Credential, Files(request), options.Registry, options.TimeProvider);
        try
        {
            // 1. For what is here the registry need only confirm that it is current, and that the caller may have it.
            string wanted = name.Digest ?? name.Tag!;
            if (find(name.ToString()) is { } known
                && await session.TryResolveAsync(wanted, ct).ConfigureAwait(false) is { } current
                && known.RepoDigests.Contains($"{name.Repository}@{current}"))
            {
                return known;
            }

            ResolvedImage image = await ManifestResolver.ResolveAsync(session, wanted, options.Limits, ct).ConfigureAwait(false);

            // 2.
            using IDisposable lease = await LeaseAsync(image.Digests, ct).ConfigureAwait(false);

            // 3.
            ImageConfig config = await FetchConfigAsync(session, image, ct).ConfigureAwait(false);
            IReadOnlyList<string> chain = ChainId.Of(config.DiffIds);
            using IDisposable snapshotLease = await LeaseAsync(chain, ct).ConfigureAwait(false);
            StoredLayer[] layers = [.. image.Manifest.Layers.Select((layer, i) => new StoredLayer(layer.Digest, config.DiffIds[i], chain[i]))];

            // 4.
            await TransferAsync(session, image.Manifest.Layers, layers, request.Progress, ct).ConfigureAwait(false);
            StoreDocuments(image);

            // 5. and 6.
            return await Task.Run(() => Commit(image, config, name, commit, ct), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            session.Release();
        }
    }

    private static IReadOnlyList<AuthFile> Files(PullRequest request) =>
        request.AuthFile.IsEmpty ? [] : [AuthFile.Parse(request.AuthFile, "given with the request")];

    private async Task<IDisposable> LeaseAsync(IEnumerable<string> digests, CancellationToken ct)
    {
        await snapshots.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return leases.Hold(digests);
        }
        finally
        {
            snapshots.Gate.Release();
        }
    }

    private async Task<ImageConfig> FetchConfigAsync(RegistrySession session, ResolvedImage image, CancellationToken ct)
    {
        Descriptor descriptor = image.Manifest.Config;
        if (descriptor.Size > options.Limits.MaxConfigSize)
        {
            throw new ContentException(ErrorKind.ResourceExhausted, $"the image configuration has {descriptor.Size} bytes, more than {options.Limits.MaxConfigSize}");
        }

        byte[] bytes = content.Contains(descriptor.Digest)
            ? content.Read(descriptor.Digest, options.Limits.MaxConfigSize)
            : await session.GetBlobAsync(descriptor, ct).ConfigureAwait(false);
        ImageConfig config = ImageConfigParser.Parse(bytes, $"image configuration {descriptor.Digest}");
        ImageAssembly.Check(config, descriptor.Digest, image.Manifest.Layers.Count);
        Store(descriptor.Digest, bytes);
        return config;
    }

    private void StoreDocuments(ResolvedImage image)
    {
        foreach (FetchedManifest document in (FetchedManifest[])[.. image.Indexes, image.Document])
        {
            Store(document.Digest, document.Content);
        }
    }

    // A start of the agent takes documents of a pull that was cut off back to the partial ones; they are fetched anew, not resumed.
    private void Store(string digest, ReadOnlySpan<byte> document)
    {
        content.Write(digest, document);
        partials.Forget(digest);
    }

    private async Task TransferAsync(
        RegistrySession session, IReadOnlyList<Descriptor> descriptors, IReadOnlyList<StoredLayer> layers, TransferProgress? progress, CancellationToken ct)
    {
        // One image may have a layer twice.
        Dictionary<string, LayerTransfer> transfers = descriptors.DistinctBy(layer => layer.Digest).ToDictionary(layer => layer.Digest, layer => new LayerTransfer(layer));
        progress?.Begin(() => [.. transfers.Values.Select(transfer => transfer.Status())]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var slots = new SemaphoreSlim(options.Registry.LayersPerTransfer, options.Registry.LayersPerTransfer);
        foreach (LayerTransfer transfer in transfers.Values)
        {
            transfer.Fetched = FetchAsync(session, transfer, slots, stop.Token);
        }

        Task unpacking = Task.Factory.StartNew(
            () => new LayerSequence(content, snapshots, _unpacking, options.Limits).Unpack(layers, transfers, stop.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        List<Task> running = [unpacking, .. transfers.Values.Select(transfer => transfer.Fetched)];
        Exception? first = null;
        while (running.Count > 0)
        {
            Task ended = await Task.WhenAny(running).ConfigureAwait(false);
            running.Remove(ended);
            if (!ended.IsCompletedSuccessfully && first is null)
            {
                // The first failure is the cause of all others.
                first = ended.Exception?.InnerException ?? new OperationCanceledException(ct);
                await stop.CancelAsync().ConfigureAwait(false);
            }
        }

        ct.ThrowIfCancellationRequested();
        if (first is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }
    }

    private async Task FetchAsync(RegistrySession session, LayerTransfer transfer, SemaphoreSlim slots, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            if (content.Contains(transfer.Descriptor.Digest))
            {
                transfer.State = LayerState.Present;
                return;
            }

            await slots.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                transfer.State = LayerState.Transferring;
                await DownloadAsync(session, transfer, ct).ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }
        }
        finally
        {
            transfer.Readable.TrySetResult();
        }
    }

    private async Task DownloadAsync(RegistrySession session, LayerTransfer transfer, CancellationToken ct)
    {
        while (true)
        {
            (BlobDownload download, bool own) = _downloads.Join(transfer.Descriptor, (joined, cancel) => _fetcher.FetchAsync(session, joined, cancel));
            try
            {
                await download.Begun.Task.WaitAsync(ct).ConfigureAwait(false);
                transfer.Download = download;
                transfer.Readable.TrySetResult();
                await download.Completion.Task.WaitAsync(ct).ConfigureAwait(false);
                return;
            }
            catch (Exception) when (!own && !ct.IsCancellationRequested)
            {
                // Another caller's rights or luck: try with one's own.
            }
            finally
            {
                _downloads.Leave(download);
            }
        }
    }

    private ImageRecord Commit(
        ResolvedImage image, ImageConfig config, ImageReference name,
        Func<IReadOnlyList<ImportedImage>, IReadOnlyList<ImageRecord>> commit, CancellationToken ct)
    {
        StagedFile Stored(string digest, long size) => new("", content.PathOf(digest), size, digest);
        var imported = new ImportedImage
        {
            Config = Stored(image.Manifest.Config.Digest, image.Manifest.Config.Size),
            Manifest = Stored(image.Document.Digest, image.Document.Content.Length),
            Indexes = [.. image.Indexes.Select(index => Stored(index.Digest, index.Content.Length))],
            Layers = [.. image.Manifest.Layers.Select(layer => Stored(layer.Digest, layer.Size))],
            Parsed = config,
            Names = [name],
        };

        // Layers are, since they came. What is unpacked of them follows when the caller has its answer.
        content.Sync([imported.Config.Digest, imported.Manifest.Digest, .. imported.Indexes.Select(index => index.Digest)]);
        snapshots.Gate.Wait(ct);
        try
        {
            return commit([imported])[0];
        }
        finally
        {
            snapshots.Gate.Release();
        }
    }
}
