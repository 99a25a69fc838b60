using System.Text.Json;
using PodAgent.Images.Archives;
using PodAgent.Images.Records;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Images.Snapshots;

/// <summary>
/// Unpacked layers by chain ID, so that images which share their lower layers share them on disk. How often one is used is never stored:
/// it follows from the image records and the containers' records.
/// <code>
/// layers/&lt;chain&gt;/fs, record     committed; fs is never changed again
/// ingest/&lt;n&gt;/...               being unpacked; removed at start
/// containers/&lt;id&gt;/...          writable layers, see RootfsStore
/// trash/&lt;n&gt;                     being removed; removed at start
/// mounts/&lt;n&gt;                    places of short-lived mounts
/// </code>
/// </summary>
internal sealed class SnapshotStore
{
    private readonly string _boot = BootId.Current;
    private readonly string _layers;
    private readonly string _ingest;
    private readonly string _trash;

    /// <summary>Opens, and creates, the store; clears what a crash left half done.</summary>
    public SnapshotStore(string root)
    {
        Root = root;
        _layers = Path.Combine(root, "layers");
        _ingest = Path.Combine(root, "ingest");
        _trash = Path.Combine(root, "trash");
        Containers = Path.Combine(root, "containers");
        foreach (string directory in (string[])[root, _layers, _ingest, _trash, Containers])
        {
            RecordFile.MakeDirectory(directory);
        }

        EmptyDirectory(_ingest);
        EmptyDirectory(_trash);
    }

    /// <summary>The directory of it all.</summary>
    public string Root { get; }

    /// <summary>Directory of the containers' writable layers.</summary>
    public string Containers { get; }

    /// <summary>Called before layers are removed, so that nobody holds on to them who need not.</summary>
    public Action? Discarding { get; set; }

    /// <summary>Guards committing, referring to, and removing snapshots against each other. Held only for renames and small files.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Removes a tree of which no name can be trusted.</summary>
    public static void RemoveTree(string path) => DirectoryEntries.RemoveTree(path);

    /// <summary>Space taken by a tree; a file with several names counts once.</summary>
    public static (long Bytes, long Inodes) Measure(string path)
    {
        long bytes = 0;
        long inodes = 0;
        var linked = new HashSet<ulong>();
        using Fd directory = FileTree.OpenDirectory(path);
        DirectoryEntries.Walk(directory, (_, _, status) =>
        {
            if (status.Links < 2 || status.Kind == FileKind.Directory || linked.Add(status.Inode))
            {
                bytes += status.AllocatedBytes;
                inodes++;
            }
        });
        FileStatus self = FileTree.Status(directory);
        return (bytes + self.AllocatedBytes, inodes + 1);
    }

    /// <summary>Root of an unpacked layer.</summary>
    public string PathOf(string chainId) => Path.Combine(_layers, Sha256Digest.Hex(chainId), "fs");

    /// <summary>Whether the layer is there, whole.</summary>
    public bool Contains(string chainId) => Directory.Exists(PathOf(chainId));

    /// <summary>Unpacks a layer beside its place.</summary>
    /// <param name="open">Opens the blob, plain or compressed; whoever waits for more of it gives up when the token is cancelled.</param>
    /// <param name="layer">What it must be.</param>
    /// <param name="durability">Whether the caller sees to it that the layer is on the disk before it gets its place.</param>
    /// <param name="lower">Roots of the layers below, the topmost first.</param>
    /// <param name="budget">Bytes that the tar stream may have.</param>
    /// <param name="limits">Further limits.</param>
    /// <param name="ct">Stops between entries.</param>
    /// <exception cref="ContentException">The layer is malformed, hostile, or not what its diff ID says. Nothing is left.</exception>
    public PendingSnapshot Unpack(
        Func<CancellationToken, Stream> open, StoredLayer layer, LayerDurability durability, IReadOnlyList<string> lower, long budget, ImageLimits limits,
        CancellationToken ct)
    {
        string directory = NewDirectory();
        try
        {
            string root = Path.Combine(directory, "fs");
            RecordFile.MakeDirectory(root);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            using Stream blob = open(stop.Token);
            using Stream plain = Decompression.Open(blob, limits, $"layer {layer.Digest}");
            using var hashing = new HashingStream(plain, Math.Min(budget, limits.MaxLayerSize), $"layer {layer.Digest}");
            using (var ahead = new ReadAheadStream(hashing, stop))
            {
                Unpack(new TarReader(ahead, limits.MaxLayerEntries), root, lower, ct);

                // The digest covers what follows a tar archive's end mark, too.
                ahead.CopyTo(Stream.Null);
            }

            long size = hashing.Count;
            string diffId = hashing.Digest();
            if (diffId != layer.DiffId)
            {
                throw new ContentException(ErrorKind.DataLoss, $"its uncompressed content has digest {diffId}, expected {layer.DiffId}");
            }

            (long bytes, long inodes) = Measure(root);
            string? boot = durability == LayerDurability.ThisBoot ? _boot : null;
            Write(directory, new StoredSnapshot(layer.ChainId, diffId, bytes, inodes, boot));
            return new PendingSnapshot(layer.ChainId, directory, size);
        }
        catch
        {
            RemoveTree(directory);
            throw;
        }
    }

    /// <summary>
    /// Puts unpacked layers into their places. Their content must be on the disk already. One that somebody else committed in the
    /// meantime is dropped. The caller holds the gate.
    /// </summary>
    public void Commit(IEnumerable<PendingSnapshot> pending)
    {
        foreach (PendingSnapshot snapshot in pending)
        {
            Place(snapshot);
        }

        AtomicFile.SyncDirectory(_layers);
    }

    /// <summary>
    /// Puts an unpacked layer into its place, before it is on the disk: its record says that it is known to be whole until the machine goes down.
    /// The caller holds the gate, and sees to it that <see cref="Settle"/> is called.
    /// </summary>
    public void Place(PendingSnapshot snapshot)
    {
        if (Contains(snapshot.ChainId))
        {
            RemoveTree(snapshot.Directory);
        }
        else
        {
            Directory.Move(snapshot.Directory, Path.Combine(_layers, Sha256Digest.Hex(snapshot.ChainId)));
        }
    }

    /// <summary>Everything that was written here, and in a directory that may be on another file system, is on the disk when this returns.</summary>
    public void Flush(string also)
    {
        foreach (string path in (string[])[also, Root])
        {
            using Fd directory = FileTree.OpenDirectory(path);
            FileData.SyncFileSystem(directory, path);
        }
    }

    /// <summary>
    /// Writes layers to the disk that were placed before they were there, and says so in their records. Takes as long as the disk needs; if the
    /// machine goes down before, they are unpacked again from their blobs.
    /// </summary>
    /// <returns>How many.</returns>
    /// <exception cref="LinuxException">A write failed: the layers stay as they are.</exception>
    public int Settle()
    {
        string[] unsettled = [.. Directory.EnumerateDirectories(_layers).Where(directory => Read(directory, out _)?.Boot == _boot)];
        if (unsettled.Length == 0)
        {
            return 0;
        }

        using (Fd root = FileTree.OpenDirectory(Root))
        {
            FileData.SyncFileSystem(root, Root);
        }

        Gate.Wait();
        try
        {
            foreach (string directory in unsettled)
            {
                // It may have been collected meanwhile. A record that is torn by a loss of power makes its layer unpacked again, no more.
                if (Read(directory, out _) is { Boot: not null } record)
                {
                    Write(directory, record with { Boot = null });
                }
            }
        }
        finally
        {
            Gate.Release();
        }

        return unsettled.Length;
    }

    /// <summary>A new directory for something in the making.</summary>
    public string NewDirectory()
    {
        string path = Path.Combine(_ingest, Guid.NewGuid().ToString("n"));
        RecordFile.MakeDirectory(path);
        return path;
    }

    /// <summary>
    /// Takes a directory out of sight at once. The slow part, <see cref="RemoveTree"/> of the path given back, needs no gate; null: it was not there.
    /// </summary>
    public string? Discard(string path)
    {
        if (!Directory.Exists(path))
        {
            return null;
        }

        string trash = Path.Combine(_trash, Guid.NewGuid().ToString("n"));
        Directory.Move(path, trash);
        return trash;
    }

    /// <summary>Discards every layer that is not in <paramref name="used"/>; gives the paths to remove. The caller holds the gate.</summary>
    public IReadOnlyList<string> DiscardUnused(IReadOnlySet<string> used)
    {
        List<string> unused = [.. Directory.EnumerateDirectories(_layers).Where(directory => !used.Contains(Sha256Digest.Prefix + Path.GetFileName(directory)))];
        if (unused.Count > 0)
        {
            Discarding?.Invoke();
        }

        return [.. unused.Select(Discard).OfType<string>()];
    }

    /// <summary>Space taken by all layers as measured when they were unpacked.</summary>
    public (long Bytes, long Inodes) Usage()
    {
        long bytes = 0;
        long inodes = 0;
        foreach (string directory in Directory.EnumerateDirectories(_layers))
        {
            if (Read(directory, out _) is { } record)
            {
                bytes += record.Bytes;
                inodes += record.Inodes;
            }
        }

        return (bytes, inodes);
    }

    /// <summary>
    /// Removes layers whose record is missing, damaged or somebody else's, and tells which: they are unpacked again from their blobs.
    /// </summary>
    public void DiscardDamaged(Action<string> warn)
    {
        foreach (string directory in Directory.EnumerateDirectories(_layers))
        {
            StoredSnapshot? record = Read(directory, out string? problem);
            string expected = Sha256Digest.Prefix + Path.GetFileName(directory);
            problem ??= record!.ChainId == expected ? null : $"it is for {record.ChainId}";
            problem ??= record!.Boot is null || record.Boot == _boot ? null : "the machine went down before the layer was on the disk";
            if (problem is not null)
            {
                warn($"removing snapshot \"{directory}\": its record cannot be trusted: {problem}");
                RemoveTree(Discard(directory)!);
            }
        }
    }

    private static void Write(string directory, StoredSnapshot record) => RecordFile.Write(
        Path.Combine(directory, "record"),
        StoredSnapshot.Format,
        StoredSnapshot.Version,
        JsonSerializer.SerializeToUtf8Bytes(record, StateJson.Default.StoredSnapshot),
        durable: false);

    private static StoredSnapshot? Read(string directory, out string? problem)
    {
        byte[]? content = RecordFile.TryRead(Path.Combine(directory, "record"), StoredSnapshot.Format, StoredSnapshot.Version, out problem);
        return content is null ? null : JsonSerializer.Deserialize(content, StateJson.Default.StoredSnapshot);
    }

    private static void EmptyDirectory(string path)
    {
        using Fd directory = FileTree.OpenDirectory(path);
        DirectoryEntries.RemoveContent(directory);
    }

    private static void Unpack(TarReader reader, string root, IReadOnlyList<string> lower, CancellationToken ct)
    {
        var open = new List<Fd>();
        try
        {
            foreach (string path in lower)
            {
                open.Add(FileTree.OpenDirectory(path));
            }

            using Fd directory = FileTree.OpenDirectory(root);
            using var unpacker = new LayerUnpacker(directory, open);
            unpacker.Unpack(reader, ct);
        }
        finally
        {
            open.ForEach(fd => fd.Dispose());
        }
    }
}
