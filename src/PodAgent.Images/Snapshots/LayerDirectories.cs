using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Images.Snapshots;

/// <summary>
/// Finds, and makes, the directories that a layer's entries live in. Every step is resolved by the kernel with the layer as root
/// (openat2(2), RESOLVE_IN_ROOT): a symbolic link from the same archive may lead anywhere inside the layer and nowhere else.
/// </summary>
/// <param name="root">The layer.</param>
/// <param name="lower">The layers below, the topmost first.</param>
internal sealed class LayerDirectories(Fd root, IReadOnlyList<Fd> lower) : IDisposable
{
    // As the kernel's own limit on links in one path.
    private const int MaxLinks = 40;
    private byte[]? _cachedPath;
    private Fd? _cached;

    /// <summary>Called for a directory that takes the place of a whiteout, and so must hide what is below.</summary>
    public required Action<Fd, LayerPath> Replaced { get; init; }

    /// <summary>The directory that holds a name; archives list one directory's files one after the other. Valid until the next call.</summary>
    /// <exception cref="ContentException">As for <see cref="Open"/>.</exception>
    public Fd OpenParent(LayerPath path) => _cachedPath is not null && path.ParentBytes.SequenceEqual(_cachedPath) ? _cached! : Open(path.Parent);

    /// <summary>An open directory, made with all its parents when it is not there. Valid until the next call.</summary>
    /// <exception cref="ContentException">Something that is no directory is in the way.</exception>
    public Fd Open(LayerPath path)
    {
        if (path.IsRoot)
        {
            // What is about to be made there may replace a directory on the way to the remembered one.
            Forget();
            return root;
        }

        if (_cachedPath is not null && path.Bytes.AsSpan().SequenceEqual(_cachedPath))
        {
            return _cached!;
        }

        Forget();
        Fd directory = OpenOrMake(path, 0);

        // A link to a deep place lets names below it go deeper than any path could. What cannot be named as a path is refused.
        if (!FileTree.HasPath(directory))
        {
            directory.Dispose();
            throw new ContentException(ErrorKind.InvalidArgument, "the directory is nested too deeply");
        }

        (_cachedPath, _cached) = (path.Bytes, directory);
        return directory;
    }

    /// <summary>Whether a layer below may have this name, so that deleting it means something.</summary>
    public bool ExistsBelow(LayerPath path)
    {
        foreach (Fd layer in lower)
        {
            using Fd? found = FileTree.TryOpenBeneath(layer, path.Bytes, out Errno errno);
            if (found is not null)
            {
                return !FileTree.Status(found).IsWhiteout;
            }

            if (errno != Errno.ENOENT)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Gives a directory that the archive only implies the looks it has in the layers below (the overlay shows the topmost layer's), else 0755
    /// and root.
    /// </summary>
    public void CopyAttributes(LayerPath path, Fd directory)
    {
        foreach (Fd layer in lower)
        {
            using Fd? source = FileTree.TryOpenBeneath(layer, path.Bytes, out _);
            if (source is null || FileTree.Status(source) is not { Kind: FileKind.Directory } status)
            {
                continue;
            }

            FileTree.SetOwner(directory, status.Uid, status.Gid);
            FileTree.SetPermissions(directory, status.Permissions, path.Bytes);
            foreach (string name in ExtendedAttributes.List(source, default))
            {
                if (!name.StartsWith("trusted.", StringComparison.Ordinal) && ExtendedAttributes.TryGet(source, default, name) is { } value)
                {
                    ExtendedAttributes.TrySet(directory, default, name, value);
                }
            }

            return;
        }

        FileTree.SetPermissions(directory, 0x1ED /* 0755 */, path.Bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => Forget();

    private void Forget()
    {
        _cached?.Dispose();
        (_cachedPath, _cached) = (null, null);
    }

    private Fd OpenOrMake(LayerPath path, int links)
    {
        Fd? found = FileTree.TryOpenInRoot(root, path.Bytes, directory: true, out Errno errno);
        if (found is not null)
        {
            return found;
        }

        if (errno is not (Errno.ENOENT or Errno.ENOTDIR))
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"its directory cannot be opened: {errno.Describe()}");
        }

        using Fd? opened = path.Parent.IsRoot ? null : OpenOrMake(path.Parent, links);
        Fd parent = opened ?? root;
        if (FileTree.TryMakeDirectory(path.Name, 0x1C0 /* 0700 until its attributes are known */, parent))
        {
            using Fd made = FileTree.OpenDirectory(path.Name, parent);
            CopyAttributes(path, made);
        }
        else
        {
            FileStatus? existing = FileTree.TryStatus(path.Name, follow: false, parent);
            if (existing?.Kind == FileKind.SymbolicLink && links < MaxLinks)
            {
                // A link to a directory that does not exist (yet): make it where the link leads inside the layer.
                return OpenOrMake(path.Parent.Follow(FileTree.TryReadLink(path.Name, parent)!), links + 1);
            }

            if (existing?.IsWhiteout != true)
            {
                throw new ContentException(ErrorKind.InvalidArgument, "one of its directories is something else in this layer");
            }

            DirectoryEntries.Remove(parent, path.Name);
            FileTree.TryMakeDirectory(path.Name, 0x1C0, parent);
            using Fd made = FileTree.OpenDirectory(path.Name, parent);
            FileTree.SetPermissions(made, 0x1ED, path.Name);
            Replaced(parent, path);
        }

        return FileTree.TryOpenInRoot(root, path.Bytes, directory: true, out errno)
            ?? throw new ContentException(ErrorKind.InvalidArgument, $"its directory cannot be opened: {errno.Describe()}");
    }
}
