using System.Formats.Tar;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Cli.Copying;

/// <summary>
/// Unpacks what a container sends. The container may be hostile (CVE-2018-1002100, CVE-2019-1002101, CVE-2019-11246, CVE-2019-11249): names
/// are resolved by the kernel below the destination and through no symbolic link, and links and special files are not made at all.
/// </summary>
internal sealed class ArchiveExtraction : IDisposable
{
    private const ResolveFlags Safely = ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks;
    private const uint PermissionBits = 0x1FF;

    private readonly Fd _parent;
    private readonly string _name;
    private readonly string _prefix;
    private readonly Action<string> _warn;

    /// <param name="destination">What the archive's <paramref name="prefix"/> becomes; its directory must exist.</param>
    /// <param name="prefix">The name in the archive that was asked for: a file, or a directory with all below.</param>
    /// <param name="warn">Told what is left out.</param>
    /// <exception cref="CliException">The destination's directory does not exist.</exception>
    public ArchiveExtraction(string destination, string prefix, Action<string> warn)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        string directory = Path.GetDirectoryName(full) ?? "/";
        _parent = FileTree.TryOpen(directory, OpenFlags.Path | OpenFlags.Directory) ?? throw new CliException($"error: {directory}: no such directory");
        _name = full == "/" ? "." : Path.GetFileName(full);
        _prefix = prefix;
        _warn = warn;
    }

    /// <summary>Reads an archive to its end.</summary>
    /// <returns>How many files and directories there were.</returns>
    /// <exception cref="CliException">A name that leads out of the destination, or not an archive.</exception>
    public async Task<int> RunAsync(Stream archive, CancellationToken cancel)
    {
        int count = 0;
        try
        {
            await using var reader = new TarReader(archive, leaveOpen: true);
            while (await reader.GetNextEntryAsync(copyData: false, cancel) is { } entry)
            {
                if (Place(entry.Name) is { } place)
                {
                    count++;
                    await TakeAsync(entry, place, cancel);
                }
            }
        }
        catch (Exception failure) when (failure is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new CliException($"error: the container's tar sends no archive: {failure.Message}");
        }

        return count;
    }

    public void Dispose() => _parent.Dispose();

    // Below _parent; null: nothing to do with what was asked for.
    private string? Place(string name)
    {
        string[] parts = [.. name.Split('/').Where(part => part is not ("" or "."))];
        if (parts.Contains("..") || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new CliException($"error: tar contents corrupted: \"{name}\" leads out of the destination");
        }

        if (_prefix != ".")
        {
            if (parts.Length == 0 || parts[0] != _prefix)
            {
                _warn($"\"{name}\" was not asked for, skipping");
                return null;
            }

            parts = parts[1..];
        }

        return string.Join('/', parts.Prepend(_name));
    }

    private async Task TakeAsync(TarEntry entry, string place, CancellationToken cancel)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                MakeDirectories(place);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                await WriteAsync(place, entry.DataStream, (uint)entry.Mode & PermissionBits, cancel);
                break;
            case TarEntryType.HardLink when Place(entry.LinkName) is { } existing:
                await CopyAsync(existing, place, (uint)entry.Mode & PermissionBits, cancel);
                break;
            case TarEntryType.SymbolicLink:
                _warn($"skipping symlink: \"{entry.Name}\" -> \"{entry.LinkName}\"");
                break;
            default:
                _warn($"skipping \"{entry.Name}\": neither file nor directory");
                break;
        }
    }

    private async Task WriteAsync(string place, Stream? content, uint permissions, CancellationToken cancel)
    {
        if (place.LastIndexOf('/') is > 0 and var slash)
        {
            MakeDirectories(place[..slash]);
        }

        using Fd file = Open(place, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.NonBlocking, permissions | 0x80);
        byte[] buffer = new byte[64 << 10];
        int count;
        while (content is not null && (count = await content.ReadAsync(buffer, cancel)) > 0)
        {
            FileData.Write(file, buffer.AsSpan(0, count), place);
        }
    }

    // A second name of a file that came before: a copy of it here.
    private async Task CopyAsync(string existing, string place, uint permissions, CancellationToken cancel)
    {
        using Fd source = Open(existing, OpenFlags.ReadOnly | OpenFlags.NonBlocking, 0);
        await using var content = new FileStream(source.ProcPath, FileMode.Open, FileAccess.Read);
        await WriteAsync(place, content, permissions, cancel);
    }

    private void MakeDirectories(string place)
    {
        for (int end = place.IndexOf('/', StringComparison.Ordinal); ; end = place.IndexOf('/', end + 1))
        {
            string each = end < 0 ? place : place[..end];
            int slash = each.LastIndexOf('/');
            using (Fd? above = slash < 0 ? null : Open(each[..slash], OpenFlags.Path | OpenFlags.Directory, 0))
            {
                FileTree.TryMakeDirectory(each[(slash + 1)..], 0x1ED, above ?? _parent);
            }

            if (end < 0)
            {
                return;
            }
        }
    }

    private Fd Open(string place, OpenFlags flags, uint mode) =>
        FileTree.TryOpen(_parent, place, flags, Safely, mode, out Errno errno)
        ?? throw new CliException(errno is Errno.ELOOP or Errno.EXDEV
            ? $"error: refusing to write \"{place}\": a symbolic link of this machine is in the way"
            : $"error: cannot write \"{place}\": {errno}");
}
