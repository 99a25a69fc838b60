using System.Text.Json;
using PodAgent.Images.Records;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;
using PodAgent.Linux.Processes;

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

    /// <summary>Makes and mounts the root file system of a container with the host's users and without further images.</summary>
    /// <exception cref="AgentException">As <see cref="PrepareAsync(RootfsRequest, CancellationToken)"/>.</exception>
    public Task<Fd> PrepareAsync(string containerId, ImageRecord image, CancellationToken ct) => PrepareAsync(new RootfsRequest(containerId, image), ct);

    /// <summary>Makes a container's writable layer and mounts its root file system.</summary>
    /// <param name="request">What it is made of.</param>
    /// <param name="ct">Withdraws the request while it waits.</param>
    /// <returns>Root of a detached mount, for move_mount(2).</returns>
    /// <exception cref="AgentException">
    /// AlreadyExists: the container has one; NotFound: the image's snapshots are gone; InvalidArgument: the ID. After a failure nothing is left.
    /// </exception>
    public async Task<Fd> PrepareAsync(RootfsRequest request, CancellationToken ct)
    {
        // 1. Build the layer where nobody looks.
        (string containerId, ImageRecord image) = request;
        string directory = DirectoryOf(containerId);
        SpareLayer? spare = request.Owners is null ? _spares?.TryTake(image.ChainIds) : null;
        string pending = spare?.Directory ?? _snapshots.NewDirectory();
        try
        {
            var record = new StoredRootfs(
                containerId, image.Id, [.. image.ChainIds], request.Volumes.Count == 0 ? null : [.. request.Volumes.Select(volume => volume.ChainIds.ToList())]);
            if (spare is null)
            {
                MakeLayer(pending, record.ChainIds, request.Owners?.Mapping);
            }

            WriteRecord(pending, record);

            // 2. Between the check for the snapshots and the record that holds them, nobody may collect them.
            await _snapshots.Gate.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                if (request.Volumes.Prepend(image).FirstOrDefault(used => used.ChainIds.Any(chainId => !_snapshots.Contains(chainId))) is { } removed)
                {
                    throw new AgentException(ErrorKind.NotFound, $"cannot make the root file system of container \"{containerId}\": image {removed.Id} was removed");
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
            Fd mount = spare?.Mount ?? Mount(directory, record.ChainIds, Writable(directory), request.Owners);
            if (request.Owners is null)
            {
                _spares?.PrepareLater(image.ChainIds);
            }

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
    /// <param name="containerId">The container.</param>
    /// <param name="owners">As in the request that it was prepared with.</param>
    /// <exception cref="AgentException">NotFound: there is none; DataLoss: its record is damaged; Internal: the kernel refused.</exception>
    public Fd Reopen(string containerId, MappedOwners? owners = null)
    {
        string directory = DirectoryOf(containerId);
        StoredRootfs record = Require(containerId, directory);
        try
        {
            // The mark of a volatile mount, which says that the last one may have lost data. Only a crash of the machine loses any, and that ends the container.
            string mark = Path.Combine(directory, "work", "work", "incompat");
            if (Directory.Exists(mark))
            {
                SnapshotStore.RemoveTree(mark);
            }

            return Mount(directory, record.ChainIds, Writable(directory), owners);
        }
        catch (LinuxException e)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot mount the root file system of container \"{containerId}\": {e.Message}", e);
        }
    }

    /// <summary>Mounts one of the further images that a container was prepared with, read-only; as often as wanted.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="index">Which of <see cref="RootfsRequest.Volumes"/>.</param>
    /// <param name="owners">As in the request that it was prepared with.</param>
    /// <exception cref="AgentException">NotFound: there is none; DataLoss: its record is damaged; Internal: the kernel refused.</exception>
    public Fd OpenVolume(string containerId, int index, MappedOwners? owners = null)
    {
        string directory = DirectoryOf(containerId);
        List<List<string>> volumes = Require(containerId, directory).Volumes ?? [];
        if (index < 0 || index >= volumes.Count)
        {
            throw new AgentException(ErrorKind.NotFound, $"container \"{containerId}\" has no image volume {index}");
        }

        try
        {
            Fd mount = Mount(directory, volumes[index], null, owners);
            MountTrees.SetAttributes(mount, MountAttributes.ReadOnly, MountAttributes.None);
            return mount;
        }
        catch (LinuxException e)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot mount image volume {index} of container \"{containerId}\": {e.Message}", e);
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
            used.UnionWith((record.Volumes ?? []).SelectMany(volume => volume));
        }

        return used;
    }

    private static StoredRootfs Require(string containerId, string directory) => Read(directory, out string? problem)
        ?? throw (Directory.Exists(directory)
            ? new AgentException(ErrorKind.DataLoss, $"the record of container \"{containerId}\"'s root file system cannot be used: {problem}")
            : new AgentException(ErrorKind.NotFound, $"container \"{containerId}\" has no root file system"));

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
            MakeLayer(directory, chainIds, null);
            mount = Mount(directory, chainIds, Writable(directory), null);
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

    private void MakeLayer(string directory, IReadOnlyList<string> chainIds, IdMapping? owners)
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

        // Only the layers below are mapped; the writable one holds what the host sees.
        uint user = image?.Uid ?? 0;
        uint group = image?.Gid ?? 0;
        FileTree.SetOwner(root, owners?.Users.ToOutside(user) ?? user, owners?.Groups.ToOutside(group) ?? group);
        FileTree.SetPermissions(root, image?.Permissions ?? 0x1ED /* 0755 */, "upper"u8);
    }

    private static (string Upper, string Work)? Writable(string directory) => (Path.Combine(directory, "upper"), Path.Combine(directory, "work"));

    private Fd Mount(string directory, IReadOnlyList<string> chainIds, (string Upper, string Work)? writable, MappedOwners? owners)
    {
        var lower = chainIds.Reverse().Select(_snapshots.PathOf).ToList();
        if (lower.Count == 0 || (writable is null && lower.Count == 1))
        {
            // An image without layers; overlayfs wants one, and two without a writable one.
            string empty = Path.Combine(directory, "empty");
            RecordFile.MakeDirectory(empty);
            lower.Add(empty);
            if (lower.Count == 1 && writable is null)
            {
                string another = Path.Combine(directory, "empty2");
                RecordFile.MakeDirectory(another);
                lower.Add(another);
            }
        }

        if (owners is null)
        {
            return Mount(new OverlayLayers(lower, writable?.Upper, writable?.Work, _options.Volatile));
        }

        using MappedLayers mapped = MappedLayers.Open(lower, owners.UserNamespace, _mounts);
        return Mount(new OverlayLayers(mapped.Paths, writable?.Upper, writable?.Work, _options.Volatile));
    }

    private Fd Mount(OverlayLayers layers)
    {
        if (!_pathMount)
        {
            if (OverlayMounts.TryMountDetached(layers) is { } mount)
            {
                return mount;
            }

            _pathMount = true;
        }

        return MountOnPath(layers);
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
