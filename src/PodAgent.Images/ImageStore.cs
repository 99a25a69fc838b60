using PodAgent.Images.Configs;
using PodAgent.Images.Content;
using PodAgent.Images.Importing;
using PodAgent.Images.Pulling;
using PodAgent.Images.Records;
using PodAgent.Images.References;
using PodAgent.Images.Snapshots;
using PodAgent.Linux;

namespace PodAgent.Images;

/// <summary>
/// The images of this node: names, configurations, blobs and unpacked layers. All or nothing: an image is visible only when every part of
/// it is verified and unpacked, and its blobs are on the disk, also after a loss of power. Layers that were not on the disk by then are
/// unpacked again from their blobs.
/// <code>
/// Root/lock                      held while open: one agent per store
/// Root/records/&lt;id&gt;              image database
/// Root/blobs/sha256/&lt;hex&gt;        content
/// Root/partial/&lt;hex&gt;           blobs on their way; the next pull goes on with them
/// Root/ingest/                   archives being taken apart; emptied at start
/// Root/damaged/                  records that could not be trusted
/// SnapshotRoot/...               see SnapshotStore
/// </code>
/// </summary>
public sealed partial class ImageStore : IDisposable
{
    private readonly ImageStoreOptions _options;
    private readonly FileStream _lock;
    private readonly ContentStore _content;
    private readonly ImageDatabase _database;
    private readonly ImageImporter _importer;
    private readonly PartialBlobs _partials;
    private readonly ContentLeases _leases = new();
    private readonly ImagePuller _puller;
    private readonly Lock _settlingGate = new();
    private Task _settling = Task.CompletedTask;
    private volatile IReadOnlyList<ImageRecord> _images = [];

    private ImageStore(ImageStoreOptions options, FileStream held)
    {
        _options = options;
        _lock = held;
        _content = new ContentStore(options.Root);
        Snapshots = new SnapshotStore(options.SnapshotRoot);
        _database = ImageDatabase.Open(options.Root, Warn);
        _importer = new ImageImporter(options, _content, Snapshots);
        _partials = new PartialBlobs(options.Root);
        _puller = new ImagePuller(options, _content, _partials, Snapshots, _leases);
    }

    /// <summary>Ends when all layers placed so far are on the disk, or could not be written.</summary>
    internal Task Settling
    {
        get
        {
            lock (_settlingGate)
            {
                return _settling;
            }
        }
    }

    /// <summary>The unpacked layers.</summary>
    internal SnapshotStore Snapshots { get; }

    /// <summary>
    /// Opens a store; this is recovery as well: remains of a crash go, damaged records are set aside, missing snapshots are unpacked again from
    /// their blobs, and what nothing uses is removed.
    /// </summary>
    /// <exception cref="AgentException">FailedPrecondition: another process has it open.</exception>
    public static async Task<ImageStore> OpenAsync(ImageStoreOptions options, CancellationToken ct)
    {
        RecordFile.MakeDirectory(options.Root);
        string path = Path.Combine(options.Root, "lock");
        FileStream held;
        try
        {
            held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot open image store \"{options.Root}\": another process uses it", e);
        }

        try
        {
            var store = new ImageStore(options, held);
            await Task.Run(() => store.Recover(ct), ct).ConfigureAwait(false);
            await store.CollectGarbageAsync(ct).ConfigureAwait(false);
            store.SettleLater();
            return store;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Imports every image of an archive: a tar in the format of <c>docker save</c> or an OCI image layout, plain or compressed.
    /// </summary>
    /// <param name="archive">Read once, front to back; not closed.</param>
    /// <param name="source">Name of the archive, for messages only.</param>
    /// <param name="reference">Name for an image that the archive leaves unnamed; null: such an image is reachable by ID.</param>
    /// <param name="ct">Withdraws the import; nothing of it stays.</param>
    /// <returns>The images, in the archive's order.</returns>
    /// <exception cref="AgentException">
    /// DataLoss: truncated, or a digest does not match; InvalidArgument: malformed or hostile; ResourceExhausted: beyond a limit, or the disk is full;
    /// FailedPrecondition: not for this platform; Unimplemented: a form that is not supported. Nothing of the archive stays.
    /// </exception>
    public async Task<IReadOnlyList<ImageRecord>> ImportAsync(Stream archive, string source, string? reference, CancellationToken ct)
    {
        try
        {
            return await _importer.ImportAsync(archive, reference, Commit, ct).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Blobs or snapshots may have come into place before the failure.
            await CollectGarbageAsync(CancellationToken.None).ConfigureAwait(false);
            if (e is OperationCanceledException)
            {
                throw;
            }

            throw ImportFailure.Describe(source, e);
        }
    }

    /// <summary>
    /// Pulls an image from its registry, or finds that it is here and current. Calls for one image share the work; each may be cancelled without
    /// harm to the others. What a failed pull has fetched is there for the next one.
    /// </summary>
    /// <exception cref="AgentException">
    /// NotFound: no registry has it; PermissionDenied: they want other credentials; Unavailable: they cannot be reached, or not now; DataLoss: what came
    /// is not what its digest says; FailedPrecondition: not for this platform, or the node's settings for the registry are malformed; others as for
    /// <see cref="ImportAsync"/>.
    /// </exception>
    public async Task<ImageRecord> PullAsync(PullRequest request, CancellationToken ct)
    {
        try
        {
            ImageRecord image = await _puller.PullAsync(request, Find, Commit, ct).ConfigureAwait(false);
            SettleLater();
            return image;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw PullFailure.Describe($"cannot pull image \"{request.Reference}\"", e);
        }
    }

    /// <summary>
    /// Finds an image by ID (<c>sha256:...</c>, its digits, at least seven of them), by name with an optional tag, or by name and digest. Names are
    /// normalised: <c>busybox</c> is <c>docker.io/library/busybox:latest</c>.
    /// </summary>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="AgentException">The text is no reference, or a short ID of several images (InvalidArgument).</exception>
    public ImageRecord? Find(string reference) => ImageLookup.Find(_images, reference);

    /// <summary>All images, by ID.</summary>
    public IReadOnlyList<ImageRecord> List() => _images;

    /// <summary>
    /// Removes the image that a reference finds, with all its names, as CRI wants it; nothing when there is none. Containers made from it keep their
    /// snapshots until they are removed.
    /// </summary>
    /// <exception cref="AgentException">As for <see cref="Find"/>.</exception>
    public async Task RemoveAsync(string reference, CancellationToken ct)
    {
        await Snapshots.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (Find(reference) is not { } image)
            {
                return;
            }

            _database.Remove(image.Id);
            _images = [.. _images.Where(other => other.Id != image.Id)];
        }
        finally
        {
            Snapshots.Gate.Release();
        }

        await CollectGarbageAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Space taken by images; containers' writable layers are not counted.</summary>
    public ImageUsage Usage()
    {
        (long bytes, long count) = _content.Usage();
        (long partialBytes, long partials) = _partials.Usage();
        (long snapshotBytes, long inodes) = Snapshots.Usage();
        return new ImageUsage(bytes + partialBytes + snapshotBytes, count + partials + inodes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Whoever opens the store next must not meet a writer.
        Settling.Wait();
        _lock.Dispose();
    }

    /// <summary>Removes blobs that no image uses and snapshots that neither an image nor a container uses.</summary>
    internal async Task CollectGarbageAsync(CancellationToken ct)
    {
        IReadOnlyList<string> trash = [];
        await Snapshots.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            IReadOnlyList<string> leased = _leases.Held();
            _partials.RemoveOld(_options.TimeProvider.GetUtcNow(), leased);
            _content.RemoveUnused(_database.Images.Values.SelectMany(image => image.Blobs()).Concat(leased).ToHashSet());
            HashSet<string>? used = RootfsStore.UsedSnapshots(Snapshots);
            if (used is null)
            {
                Warn("snapshots are not collected: a container's record is damaged");
            }
            else
            {
                used.UnionWith(leased);
                used.UnionWith(_database.Images.Values.SelectMany(image => image.Layers).Select(layer => layer.ChainId));
                trash = Snapshots.DiscardUnused(used);
            }
        }
        finally
        {
            Snapshots.Gate.Release();
        }

        await Task.Run(
            () =>
            {
                foreach (string path in trash)
                {
                    SnapshotStore.RemoveTree(path);
                }
            },
            CancellationToken.None).ConfigureAwait(false);
    }

    // The importer calls this with the gate held, everything on the disk and in its place.
    private IReadOnlyList<ImageRecord> Commit(IReadOnlyList<ImportedImage> imported)
    {
        var result = new List<ImageRecord>();
        foreach (ImportedImage image in imported)
        {
            StoredImage? known = _database.Images.GetValueOrDefault(image.Config.Digest);
            IReadOnlyList<string> chain = ChainId.Of(image.Parsed.DiffIds);
            var tags = image.Names.Where(name => name.Tag is not null).Select(name => $"{name.Repository}:{name.Tag}");
            var digests = image.Names.Select(name => $"{name.Repository}@{image.TargetDigest}");
            _database.Put(new StoredImage
            {
                Id = image.Config.Digest,
                Sequence = 0,
                RepoTags = [.. (known?.RepoTags ?? []).Union(tags).Order(StringComparer.Ordinal)],
                RepoDigests = [.. (known?.RepoDigests ?? []).Union(digests).Order(StringComparer.Ordinal)],
                ManifestDigest = image.Manifest.Digest,
                IndexDigests = [.. image.Indexes.Select(index => index.Digest)],
                Layers = [.. image.Layers.Select((layer, i) => new StoredLayer(layer.Digest, image.Parsed.DiffIds[i], chain[i]))],
                Size = image.Config.Size + image.Layers.Sum(layer => layer.Size),
                ImportedAt = _options.TimeProvider.GetUtcNow(),
            });
        }

        Publish(imported.ToDictionary(image => image.Config.Digest, image => image.Parsed, StringComparer.Ordinal));
        foreach (ImportedImage image in imported)
        {
            result.Add(_images.First(record => record.Id == image.Config.Digest));
        }

        return result;
    }

    private void Publish(IReadOnlyDictionary<string, ImageConfig>? parsed = null)
    {
        IReadOnlyList<ImageRecord> before = _images;
        _images = [.. _database.Images.Values.OrderBy(image => image.Id, StringComparer.Ordinal).Select(image => new ImageRecord
        {
            Id = image.Id,
            RepoTags = image.RepoTags,
            RepoDigests = image.RepoDigests,
            ManifestDigest = image.ManifestDigest,
            Size = image.Size,
            Config = parsed?.GetValueOrDefault(image.Id) ?? before.First(record => record.Id == image.Id).Config,
            ChainIds = [.. image.Layers.Select(layer => layer.ChainId)],
            Pinned = image.RepoTags.Exists(_options.Pinned.Contains),
            ImportedAt = image.ImportedAt,
        })];
    }

    // 1. Half-taken-apart archives go, and blobs that no image has become the beginnings of the next pull: after a crash of the machine they
    // may be torn, which only hashing them again can tell. 2. Snapshots without a sound record go. 3. Each image must have its configuration, manifest and snapshots;
    // missing snapshots are made again. An image that cannot be made whole is set aside.
    private void Recover(CancellationToken ct)
    {
        _importer.RemoveRemains();
        _partials.RemoveOld(_options.TimeProvider.GetUtcNow(), []);
        _content.RemoveUnused(_database.Images.Values.SelectMany(image => image.Blobs()).ToHashSet(), _partials.TakeBack);
        Snapshots.DiscardDamaged(Warn);
        var parsed = new Dictionary<string, ImageConfig>();
        foreach (StoredImage image in _database.Images.Values.ToList())
        {
            try
            {
                parsed.Add(image.Id, ImageConfigParser.Parse(_content.Read(image.Id, _options.Limits.MaxConfigSize)));
                _content.Read(image.ManifestDigest, _options.Limits.MaxManifestSize);
                if (image.Layers.Any(layer => !Snapshots.Contains(layer.ChainId)))
                {
                    Warn($"image {image.Id} lacks snapshots, unpacking it again");
                    _importer.Restore(image, ct);
                }
            }
            catch (Exception e) when (e is ContentException or LinuxException or IOException)
            {
                parsed.Remove(image.Id);
                _database.Drop(image.Id, e.Message, Warn);
            }
        }

        Publish(parsed);
    }

    // One after the other: a disk does not get faster by being asked twice.
    private void SettleLater()
    {
        lock (_settlingGate)
        {
            _settling = _settling.ContinueWith(_ => Settle(), CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    private void Settle()
    {
        try
        {
            Snapshots.Settle();
        }
        catch (Exception e) when (e is LinuxException or IOException)
        {
            Warn($"unpacked layers are not on the disk yet: {e.Message}");
        }
    }

    private void Warn(string message) => _options.Warning?.Invoke(message);
}
