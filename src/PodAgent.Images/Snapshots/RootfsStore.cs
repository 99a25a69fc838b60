using System.Text.Json;
using PodAgent.Images.Records;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;

namespace PodAgent.Images.Snapshots;

/// <summary>
/// Containers' root file systems: a writable layer of the container's own on top of its image's snapshots, joined by an overlay mount that
/// exists only as a descriptor until somebody attaches it.
/// <code>containers/&lt;id&gt;/upper, work, record</code>
/// The record holds the snapshots in place when the image is removed. Nothing here is synced: a reboot ends all containers.
/// </summary>
public sealed class RootfsStore : IDisposable
{
    private const int MaxIdLength = 128;
    private readonly ImageStore _images;
    private readonly SnapshotStore _snapshots;
    private readonly RootfsStoreOptions _options;
    private readonly string _mounts;
    private readonly SpareLayers? _spares;
    private bool _pathMount;
    private bool _detachedMountWorks;

    /// <summary>Opens the store beside the images' snapshots; takes down mounts that a crash left.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public RootfsStore(ImageStore images, RootfsStoreOptions? options = null)
    {
        _images = images;
        _snapshots = images.Snapshots;
        _options = options ?? new RootfsStoreOptions();
        _pathMount = _options.ForcePathMount;
        _mounts = Path.Combine(_snapshots.Root, "mounts");
        RecordFile.MakeDirectory(_mounts);
        if (_options.KeepsSpares)
        {
            _spares = new SpareLayers(MakeSpare, _options.TimeProvider);
            _snapshots.Discarding = _spares.Clear;
        }

        foreach (string place in Directory.EnumerateDirectories(_mounts))
        {
            if (Mounts.TryUnmount(place, detach: true))
            {
                _options.Warning?.Invoke($"unmounted \"{place}\", left by a crash");
            }

            Directory.Delete(place);
        }
    }

    /// <summary>How many root file systems are ready that no container has asked for.</summary>
    internal int Spares => _spares?.Count ?? 0;

    /// <summary>Makes a container's writable layer and mounts its root file system.</summary>
    /// <param name="containerId">Letters, digits, <c>_</c>, <c>.</c> and <c>-</c>, at most 128.</param>
    /// <param name="image">The image; it may be removed afterwards.</param>
    /// <param name="ct">Withdraws the request while it waits.</param>
    /// <returns>Root of a detached mount, for move_mount(2).</returns>
    /// <exception cref="AgentException">
    /// AlreadyExists: the container has one; NotFound: the image's snapshots are gone; InvalidArgument: the ID. After a failure nothing is left.
    /// </exception>
    public async Task<Fd> PrepareAsync(string containerId, ImageRecord image, CancellationToken ct)
    {
        // 1. Build the layer where nobody looks.
        string directory = DirectoryOf(containerId);
        SpareLayer? spare = _spares?.TryTake(image.ChainIds);
        string pending = spare?.Directory ?? _snapshots.NewDirectory();
        try
        {
            var record = new StoredRootfs(containerId, image.Id, [.. image.ChainIds]);
            if (spare is null)
            {
                MakeLayer(pending, record.ChainIds);
            }

            WriteRecord(pending, record);

            // 2. Between the check for the snapshots and the record that holds them, nobody may collect them.
            await _snapshots.Gate.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                if (image.ChainIds.FirstOrDefault(chainId => !_snapshots.Contains(chainId)) is not null)
                {
                    throw new AgentException(ErrorKind.NotFound, $"cannot make the root file system of container \"{containerId}\": image {image.Id} was removed");
                }

                if (Directory.Exists(directory))
                {
                    throw new AgentException(ErrorKind.AlreadyExists, $"container \"{containerId}\" has a root file system already");
                }

                Directory.Move(pending, directory);
            }
            finally
            {
                _snapshots.Gate.Release();
            }

            // 3. Mount. A mount made ahead does not mind that the directory has another name now.
            pending = directory;
            Fd mount = spare?.Mount ?? Mount(directory, record.ChainIds);
            _spares?.PrepareLater(image.ChainIds);
            return mount;
        }
        catch (Exception e)
        {
            spare?.Mount.Dispose();
            SnapshotStore.RemoveTree(pending);
            if (e is not LinuxException)
            {
                throw;
            }

            throw new AgentException(ErrorKind.Internal, $"cannot mount the root file system of container \"{containerId}\": {e.Message}", e);
        }
    }

    /// <summary>
    /// Mounts a prepared root file system again, content kept, for a container that is not running: the kernel does not define what two live mounts of one
    /// writable layer do.
    /// </summary>
    /// <exception cref="AgentException">NotFound: there is none; DataLoss: its record is damaged; Internal: the kernel refused.</exception>
    public Fd Reopen(string containerId)
    {
        string directory = DirectoryOf(containerId);
        StoredRootfs record = Read(directory, out string? problem)
            ?? throw (Directory.Exists(directory)
                ? new AgentException(ErrorKind.DataLoss, $"the record of container \"{containerId}\"'s root file system cannot be used: {problem}")
                : new AgentException(ErrorKind.NotFound, $"container \"{containerId}\" has no root file system"));
        try
        {
            // The mark of a volatile mount, which says that the last one may have lost data. Only a crash of the machine loses any, and that ends the container.
            string mark = Path.Combine(directory, "work", "work", "incompat");
            if (Directory.Exists(mark))
            {
                SnapshotStore.RemoveTree(mark);
            }

            return Mount(directory, record.ChainIds);
        }
        catch (LinuxException e)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot mount the root file system of container \"{containerId}\": {e.Message}", e);
        }
    }

    /// <summary>Removes a container's writable layer; nothing when there is none. Its processes must be gone and its mounts detached.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public async Task RemoveAsync(string containerId, CancellationToken ct)
    {
        string directory = DirectoryOf(containerId);
        string? trash;
        await _snapshots.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            trash = _snapshots.Discard(directory);
        }
        finally
        {
            _snapshots.Gate.Release();
        }

        if (trash is not null)
        {
            await Task.Run(() => SnapshotStore.RemoveTree(trash), CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>What the container has written, by walking its layer: as slow as the layer is large.</summary>
    /// <exception cref="AgentException">NotFound: the container has no root file system.</exception>
    public RootfsUsage Usage(string containerId)
    {
        string upper = Path.Combine(DirectoryOf(containerId), "upper");
        try
        {
            (long bytes, long inodes) = SnapshotStore.Measure(upper);
            return new RootfsUsage(bytes, inodes);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            throw new AgentException(ErrorKind.NotFound, $"container \"{containerId}\" has no root file system", e);
        }
    }

    /// <summary>The containers that have a root file system.</summary>
    public IReadOnlyList<string> List() => [.. Directory.EnumerateDirectories(_snapshots.Containers).Select(path => Path.GetFileName(path)!)];

    /// <summary>
    /// Removes the writable layers of all containers that are not named (so none may be in the making), then snapshots and blobs that
    /// nothing uses any more.
    /// </summary>
    public async Task CollectGarbageAsync(IReadOnlySet<string> liveContainers, CancellationToken ct)
    {
        foreach (string container in List())
        {
            if (!liveContainers.Contains(container))
            {
                await RemoveAsync(container, ct).ConfigureAwait(false);
            }
        }

        await _images.CollectGarbageAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Gives up what was made ahead.</summary>
    public void Dispose()
    {
        _snapshots.Discarding = null;
        _spares?.Dispose();
    }

    /// <summary>
    /// The snapshots that containers hold; null when a record cannot be read, so that nobody can know.
    /// </summary>
    internal static HashSet<string>? UsedSnapshots(SnapshotStore snapshots)
    {
        var used = new HashSet<string>();
        foreach (string directory in Directory.EnumerateDirectories(snapshots.Containers))
        {
            if (Read(directory, out _) is not { } record)
            {
                return null;
            }

            used.UnionWith(record.ChainIds);
        }

        return used;
    }

    private static StoredRootfs? Read(string directory, out string? problem)
    {
        byte[]? content = RecordFile.TryRead(Path.Combine(directory, "record"), StoredRootfs.Format, StoredRootfs.Version, out problem);
        return content is null ? null : JsonSerializer.Deserialize(content, StateJson.Default.StoredRootfs);
    }

    private string DirectoryOf(string containerId)
    {
        bool valid = containerId.Length is > 0 and <= MaxIdLength
            && char.IsAsciiLetterOrDigit(containerId[0])
            && containerId.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
        return valid
            ? Path.Combine(_snapshots.Containers, containerId)
            : throw new AgentException(ErrorKind.InvalidArgument, $"invalid container id \"{containerId}\"");
    }

    private static void WriteRecord(string directory, StoredRootfs record) => RecordFile.WriteInPending(
        Path.Combine(directory, "record"),
        StoredRootfs.Format,
        StoredRootfs.Version,
        JsonSerializer.SerializeToUtf8Bytes(record, StateJson.Default.StoredRootfs));

    private SpareLayer MakeSpare(IReadOnlyList<string> chainIds)
    {
        string directory = _snapshots.NewDirectory();
        Fd? mount = null;
        try
        {
            MakeLayer(directory, chainIds);
            mount = Mount(directory, chainIds);
            _options.Furnish?.Invoke(mount);
            return new SpareLayer([.. chainIds], directory, mount);
        }
        catch
        {
            mount?.Dispose();
            SnapshotStore.RemoveTree(directory);
            throw;
        }
    }

    private void MakeLayer(string directory, IReadOnlyList<string> chainIds)
    {
        string upper = Path.Combine(directory, "upper");
        RecordFile.MakeDirectory(upper);
        RecordFile.MakeDirectory(Path.Combine(directory, "work"));

        // The mount's root looks like the writable layer's root, so that takes over what the image says about "/".
        using Fd root = FileTree.OpenDirectory(upper);
        FileStatus? image = null;
        if (chainIds.Count > 0 && _snapshots.Contains(chainIds[^1]))
        {
            using Fd top = FileTree.OpenDirectory(_snapshots.PathOf(chainIds[^1]));
            image = FileTree.Status(top);
        }

        FileTree.SetOwner(root, image?.Uid ?? 0, image?.Gid ?? 0);
        FileTree.SetPermissions(root, image?.Permissions ?? 0x1ED /* 0755 */, "upper"u8);
    }

    private Fd Mount(string directory, IReadOnlyList<string> chainIds)
    {
        var lower = chainIds.Reverse().Select(_snapshots.PathOf).ToList();
        if (lower.Count == 0)
        {
            // An image without layers; overlayfs wants one.
            string empty = Path.Combine(directory, "empty");
            RecordFile.MakeDirectory(empty);
            lower.Add(empty);
        }

        var layers = new OverlayLayers(lower, Path.Combine(directory, "upper"), Path.Combine(directory, "work"), _options.Volatile);
        if (_pathMount)
        {
            return MountOnPath(layers);
        }

        try
        {
            Fd? mount = OverlayMounts.TryMountDetached(layers);
            _detachedMountWorks |= mount is not null;
            _pathMount = mount is null;
            return mount ?? MountOnPath(layers);
        }
        catch (LinuxException e) when (e.Errno == Errno.EINVAL && !_detachedMountWorks)
        {
            // Before 6.5 overlayfs takes any option without a look and says EINVAL to all of them at the end. If the old way works, that was it.
            Fd mount = MountOnPath(layers);
            _pathMount = true;
            return mount;
        }
    }

    private Fd MountOnPath(OverlayLayers layers)
    {
        string place = Path.Combine(_mounts, Guid.NewGuid().ToString("n"));
        RecordFile.MakeDirectory(place);
        try
        {
            return OverlayMounts.MountAndDetach(layers, place);
        }
        finally
        {
            Directory.Delete(place);
        }
    }
}
