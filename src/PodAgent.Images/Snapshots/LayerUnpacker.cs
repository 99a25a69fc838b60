using System.Text;
using PodAgent.Images.Archives;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Images.Snapshots;

/// <summary>
/// Unpacks one layer's tar stream into an empty directory, in the form overlayfs wants: deletions (<c>.wh.name</c>, OCI image
/// specification "Whiteouts") become character devices 0:0 and opaque directories an extended attribute.
/// The archive is hostile: names are refused when absolute or climbing, directories are resolved with the layer as root
/// (CVE-2021-32760, CVE-2025-47290), and the last component is never followed when it is a symbolic link.
/// </summary>
internal sealed class LayerUnpacker : IDisposable
{
    private const string OpaqueAttribute = "trusted.overlay.opaque";
    private const uint OwnerOnly = 0x180; // 0600
    private readonly Fd _root;
    private readonly IReadOnlyList<Fd> _lower;
    private readonly LayerDirectories _directories;
    private readonly byte[] _buffer = new byte[256 * 1024];

    // A directory's time changes with its content, so times are set when nothing more comes.
    private readonly Dictionary<string, (LayerPath Path, long Seconds, uint Nanoseconds)> _directoryTimes = [];
    private bool _opaqueRoot;

    /// <summary>Prepares to unpack.</summary>
    /// <param name="root">An empty directory, open for reading.</param>
    /// <param name="lower">Roots of the layers below, the topmost first; empty for the lowest layer.</param>
    public LayerUnpacker(Fd root, IReadOnlyList<Fd> lower)
    {
        (_root, _lower) = (root, lower);
        _directories = new LayerDirectories(root, lower) { Replaced = (parent, path) => MakeOpaque(parent, path.Name) };
    }

    /// <summary>Unpacks all entries.</summary>
    /// <exception cref="ContentException">The archive is malformed or hostile; the message names the entry.</exception>
    public void Unpack(TarReader reader, CancellationToken ct)
    {
        _directories.CopyAttributes(LayerPath.Parse("."u8), _root);
        while (reader.Next() is { } entry)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                Unpack(entry, reader, ct);
            }
            catch (ContentException e)
            {
                throw new ContentException(e.Kind, $"entry \"{entry.DisplayName}\": {e.Message}", e);
            }
            catch (LinuxException e)
            {
                throw new ContentException(KindOf(e.Errno), $"entry \"{entry.DisplayName}\": {e.Message}", e);
            }
        }

        HideLowerRoot();
        SetDirectoryTimes();
    }

    /// <inheritdoc/>
    public void Dispose() => _directories.Dispose();

    private static ErrorKind KindOf(Errno errno) => errno switch
    {
        Errno.ENOSPC or Errno.EDQUOT or Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM => ErrorKind.ResourceExhausted,
        Errno.ENAMETOOLONG or Errno.ELOOP or Errno.EINVAL => ErrorKind.InvalidArgument,
        _ => ErrorKind.Internal,
    };

    private static bool StartsWithMark(ReadOnlySpan<byte> name) => name.StartsWith(".wh."u8);

    private void Unpack(TarEntry entry, TarReader reader, CancellationToken ct)
    {
        LayerPath path = LayerPath.Parse(entry.Name);
        if (path.IsRoot)
        {
            if (entry.Type != TarEntryType.Directory)
            {
                throw new ContentException(ErrorKind.InvalidArgument, "the root of a layer must be a directory");
            }

            ApplyToDirectory(_root, path, entry);
            return;
        }

        IEnumerable<LayerPath> parents = path.ParentBytes.IndexOf(".wh."u8) < 0 ? [] : path.Parent.Prefixes();
        foreach (LayerPath parent in parents)
        {
            // AUFS kept its own files in such directories; old layers still carry them.
            if (parent.Name.StartsWith(".wh..wh."u8))
            {
                return;
            }

            if (StartsWithMark(parent.Name))
            {
                throw new ContentException(ErrorKind.InvalidArgument, "a name below a whiteout");
            }
        }

        if (path.Name.SequenceEqual(".wh..wh..opq"u8))
        {
            MakeOpaqueDirectory(path.Parent);
        }
        else if (path.Name.StartsWith(".wh..wh."u8))
        {
            // AUFS, as above.
        }
        else if (StartsWithMark(path.Name))
        {
            MakeWhiteout(path);
        }
        else
        {
            Create(entry, path, reader, ct);
        }
    }

    private void Create(TarEntry entry, LayerPath path, TarReader reader, CancellationToken ct)
    {
        // The target is looked up first: making room for the new name may take away the old one.
        if (entry.Type == TarEntryType.HardLink)
        {
            Link(entry, path);
            return;
        }

        Fd parent = _directories.OpenParent(path);
        if (entry.Type == TarEntryType.Regular)
        {
            CreateFile(entry, parent, path, reader, ct);
            return;
        }

        bool hides = MakeRoom(parent, path, keepDirectory: entry.Type == TarEntryType.Directory, out bool kept);
        switch (entry.Type)
        {
            case TarEntryType.Directory:
                if (!kept)
                {
                    FileTree.TryMakeDirectory(path.Name, 0x1C0, parent);
                }

                using (Fd directory = FileTree.OpenDirectory(path.Name, parent))
                {
                    ApplyToDirectory(directory, path, entry);
                }

                if (hides)
                {
                    MakeOpaque(parent, path.Name);
                }

                break;
            case TarEntryType.SymbolicLink:
                FileTree.MakeLink(path.Name, entry.LinkName, parent);
                ApplyOwner(parent, path, entry);
                ApplyExtended(parent, path, entry);
                FileTree.SetTimes(path.Name, entry.ModifiedSeconds, entry.ModifiedNanoseconds, parent);
                break;
            default:
                MakeNode(parent, path, entry);
                break;
        }
    }

    private void CreateFile(TarEntry entry, Fd parent, LayerPath path, TarReader reader, CancellationToken ct)
    {
        using (Fd file = OpenNew(parent, path))
        {
            Copy(reader, file, path, ct);
            ApplyOwner(parent, path, entry);
            FileTree.SetPermissions(file, entry.Permissions, path.Name);
        }

        ApplyExtended(parent, path, entry);
        FileTree.SetTimes(path.Name, entry.ModifiedSeconds, entry.ModifiedNanoseconds, parent);
    }

    // Almost always the name is new: whether something has to make room is asked only when the kernel says so.
    private Fd OpenNew(Fd parent, LayerPath path)
    {
        if (FileTree.TryCreateFile(path.Name, OwnerOnly, parent, out Errno errno) is { } file)
        {
            return file;
        }

        if (errno == Errno.EEXIST)
        {
            MakeRoom(parent, path, keepDirectory: false, out _);
        }

        return FileTree.CreateFile(path.Name, OwnerOnly, parent);
    }

    private void MakeNode(Fd parent, LayerPath path, TarEntry entry)
    {
        FileKind kind = entry.Type switch
        {
            TarEntryType.Fifo => FileKind.Fifo,
            TarEntryType.BlockDevice => FileKind.BlockDevice,
            _ => FileKind.CharacterDevice,
        };
        if (kind == FileKind.CharacterDevice && entry is { DeviceMajor: 0, DeviceMinor: 0 })
        {
            throw new ContentException(ErrorKind.InvalidArgument, "a character device 0:0 is overlayfs' mark of a deletion and may not come from an archive");
        }

        // Usable only as far as the container's device rules go, like a node that the container makes itself.
        (uint major, uint minor) = kind == FileKind.Fifo ? (0u, 0u) : (entry.DeviceMajor, entry.DeviceMinor);
        FileTree.MakeNode(path.Name, kind, 0x180, DeviceNumber.Make(major, minor), parent);
        ApplyOwner(parent, path, entry);
        FileTree.SetPermissions(path.Name, entry.Permissions, parent);
        ApplyExtended(parent, path, entry);
        FileTree.SetTimes(path.Name, entry.ModifiedSeconds, entry.ModifiedNanoseconds, parent);
    }

    private void Link(TarEntry entry, LayerPath path)
    {
        LayerPath target = LayerPath.Parse(entry.LinkName, "hard link target");
        using Fd? targetParent = FileTree.TryOpenInRoot(_root, target.Parent.Bytes, directory: true, out _);
        FileStatus? status = targetParent is null || target.IsRoot ? null : FileTree.TryStatus(target.Name, follow: false, targetParent);
        if (status is null or { IsWhiteout: true } or { Kind: FileKind.Directory })
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"hard link target \"{Encoding.UTF8.GetString(entry.LinkName)}\" is no file of this layer");
        }

        Fd parent = _directories.OpenParent(path);
        if (FileTree.TryStatus(path.Name, follow: false, parent) is { } existing && existing.Inode == status.Value.Inode)
        {
            return;
        }

        MakeRoom(parent, path, keepDirectory: false, out _);
        FileTree.MakeHardLink(target.Name, targetParent, path.Name, _directories.OpenParent(path));
    }

    // Of two entries of one name the later counts; only a directory keeps its content. The result is whether the name was deleted by a
    // whiteout before, so that a directory in its place must not show what is below.
    private bool MakeRoom(Fd parent, LayerPath path, bool keepDirectory, out bool kept)
    {
        kept = false;
        if (FileTree.TryStatus(path.Name, follow: false, parent) is not { } existing)
        {
            return false;
        }

        if (keepDirectory && existing.Kind == FileKind.Directory)
        {
            kept = true;
            return false;
        }

        DirectoryEntries.Remove(parent, path.Name);
        return existing.IsWhiteout;
    }

    private void MakeWhiteout(LayerPath mark)
    {
        byte[] name = mark.Name[".wh.".Length..].ToArray();
        if (name.Length == 0 || name.AsSpan().SequenceEqual("."u8) || name.AsSpan().SequenceEqual(".."u8))
        {
            throw new ContentException(ErrorKind.InvalidArgument, "a whiteout of no name");
        }

        LayerPath path = LayerPath.Parse(mark.Parent.IsRoot ? name : [.. mark.Parent.Bytes, (byte)'/', .. name]);

        // A directory of the lowest layer is shown as it is, marks included, and there is nothing to delete anyway.
        if (!_directories.ExistsBelow(path))
        {
            return;
        }

        Fd parent = _directories.OpenParent(path);
        switch (FileTree.TryStatus(name, follow: false, parent))
        {
            case null:
                FileTree.MakeNode(name, FileKind.CharacterDevice, 0, 0, parent);
                break;
            case { Kind: FileKind.Directory }:
                // A whiteout concerns the layers below only: this layer's directory of that name stays, alone.
                MakeOpaque(parent, name);
                break;
        }
    }

    private void MakeOpaqueDirectory(LayerPath path)
    {
        if (path.IsRoot)
        {
            _opaqueRoot = true;
            return;
        }

        MakeOpaque(_directories.Open(path), default);
    }

    private static void MakeOpaque(Fd parent, ReadOnlySpan<byte> name)
    {
        if (!ExtendedAttributes.TrySet(parent, name, OpaqueAttribute, "y"u8))
        {
            throw new ContentException(ErrorKind.FailedPrecondition, "the file system of the snapshots has no extended attributes");
        }
    }

    // The root of an overlay is always merged, whatever its attribute says, so each name below is hidden by itself.
    private void HideLowerRoot()
    {
        if (!_opaqueRoot)
        {
            return;
        }

        foreach (Fd layer in _lower)
        {
            using Fd listing = FileTree.OpenDirectory("."u8, layer);
            foreach (byte[] name in DirectoryEntries.List(listing))
            {
                switch (FileTree.TryStatus(name, follow: false, _root))
                {
                    case null:
                        FileTree.MakeNode(name, FileKind.CharacterDevice, 0, 0, _root);
                        break;
                    case { Kind: FileKind.Directory }:
                        MakeOpaque(_root, name);
                        break;
                }
            }
        }
    }

    private void Copy(TarReader reader, Fd file, LayerPath path, CancellationToken ct)
    {
        int read;
        while ((read = reader.Read(_buffer)) > 0)
        {
            ct.ThrowIfCancellationRequested();
            FileData.Write(file, _buffer.AsSpan(0, read), path.Name);
        }
    }

    private void ApplyToDirectory(Fd directory, LayerPath path, TarEntry entry)
    {
        FileTree.SetOwner(directory, entry.Uid, entry.Gid);
        FileTree.SetPermissions(directory, entry.Permissions, path.Name);
        ApplyExtended(directory, LayerPath.Parse("."u8), entry);
        _directoryTimes[path.Key] = (path, entry.ModifiedSeconds, entry.ModifiedNanoseconds);
    }

    // The process runs as root, and so does almost every file of an image.
    private static void ApplyOwner(Fd parent, LayerPath path, TarEntry entry)
    {
        if (entry.Uid != 0 || entry.Gid != 0)
        {
            FileTree.SetOwner(path.Name, entry.Uid, entry.Gid, parent);
        }
    }

    private static void ApplyExtended(Fd parent, LayerPath path, TarEntry entry)
    {
        foreach ((string name, byte[] value) in entry.ExtendedAttributes)
        {
            if (LayerAttributes.IsKept(name, entry.Type))
            {
                ExtendedAttributes.TrySet(parent, path.Name, name, value);
            }
        }
    }

    private void SetDirectoryTimes()
    {
        foreach ((LayerPath path, long seconds, uint nanoseconds) in _directoryTimes.Values)
        {
            // By now another entry may have replaced it; by a link even, which must not be followed out of place.
            using Fd? directory = path.IsRoot ? null : FileTree.TryOpenInRoot(_root, path.Bytes, directory: true, out _);
            if (path.IsRoot || directory is not null)
            {
                FileTree.SetTimes(default, seconds, nanoseconds, directory ?? _root);
            }
        }
    }
}
