using System.Text;
using PodAgent.Images.Archives;
using PodAgent.Linux;

namespace PodAgent.Images.Importing;

/// <summary>
/// The files of an image archive, taken apart into a directory of numbered files with their digests. Nothing in the archive's names or
/// links ever becomes a path on this machine.
/// </summary>
internal sealed class StagedArchive
{
    // Depth of links to links; docker wrote single ones for layers that two images share.
    private const int MaxLinks = 8;
    private readonly Dictionary<string, StagedFile> _files = [];
    private readonly Dictionary<string, string> _links = [];
    private readonly string _directory;

    private StagedArchive(string directory) => _directory = directory;

    /// <summary>The archive's regular files by normalised name.</summary>
    public IReadOnlyDictionary<string, StagedFile> Files => _files;

    /// <summary>Takes an archive apart.</summary>
    /// <param name="stream">The archive, plain or compressed.</param>
    /// <param name="directory">An empty directory.</param>
    /// <param name="limits">Bounds on what is written there.</param>
    /// <param name="ct">Checked between entries.</param>
    /// <exception cref="ContentException">It is truncated, malformed, or too large.</exception>
    public static StagedArchive Read(Stream stream, string directory, ImageLimits limits, CancellationToken ct)
    {
        var archive = new StagedArchive(directory);
        using Stream plain = Decompression.Open(stream, limits, "the archive");
        using var bounded = new HashingStream(plain, limits.MaxArchiveSize, "the archive");
        var reader = new TarReader(bounded, limits.MaxArchiveEntries);
        while (reader.Next() is { } entry)
        {
            ct.ThrowIfCancellationRequested();
            archive.Stage(entry, reader, ct);
        }

        // The producer may be waiting to get rid of its padding.
        bounded.Drain();
        return archive;
    }

    /// <summary>The file that a name, or a link of that name, stands for; null when there is none.</summary>
    public StagedFile? Find(string name)
    {
        string? at = Normalise(name);
        for (int i = 0; i <= MaxLinks && at is not null; i++)
        {
            if (_files.TryGetValue(at, out StagedFile? file))
            {
                return file;
            }

            at = _links.GetValueOrDefault(at);
        }

        return null;
    }

    /// <summary>As <see cref="Find"/>, for a name that must be there.</summary>
    public StagedFile Get(string name) => Find(name) ?? throw new ContentException(ErrorKind.DataLoss, $"entry \"{name}\" is missing");

    /// <summary>The content of a small file.</summary>
    /// <exception cref="ContentException">It is larger than <paramref name="maxSize"/>.</exception>
    public byte[] ReadAll(StagedFile file, int maxSize) => file.Size <= maxSize
        ? File.ReadAllBytes(file.Path)
        : throw new ContentException(ErrorKind.ResourceExhausted, $"entry \"{file.Entry}\" has {file.Size} bytes, more than {maxSize}");

    /// <summary>Adds a file that the archive should have had, under a name that begins with a slash: no entry of the archive has such a name here.</summary>
    public StagedFile Add(string entry, byte[] content)
    {
        string path = NextPath();
        File.WriteAllBytes(path, content);
        var file = new StagedFile(entry, path, content.Length, Sha256Digest.Of(content));
        _files.Add(entry, file);
        return file;
    }

    private static string? Normalise(string name)
    {
        var parts = new List<string>();
        foreach (string part in name.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count == 0)
                {
                    return null;
                }

                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    private string NextPath() => Path.Combine(_directory, $"{_files.Count}");

    private void Stage(TarEntry entry, TarReader reader, CancellationToken ct)
    {
        string? name = Normalise(entry.DisplayName);
        if (string.IsNullOrEmpty(name))
        {
            return;
        }

        switch (entry.Type)
        {
            case TarEntryType.Regular:
                if (_files.ContainsKey(name))
                {
                    throw new ContentException(ErrorKind.InvalidArgument, $"entry \"{name}\" is there twice");
                }

                _files.Add(name, Copy(name, reader, ct));
                break;
            case TarEntryType.SymbolicLink:
                string directory = name.Contains('/') ? name[..name.LastIndexOf('/')] + "/" : "";
                AddLink(name, directory + Encoding.UTF8.GetString(entry.LinkName));
                break;
            case TarEntryType.HardLink:
                AddLink(name, Encoding.UTF8.GetString(entry.LinkName));
                break;
        }
    }

    private void AddLink(string name, string target)
    {
        if (Normalise(target) is { } at)
        {
            _links[name] = at;
        }
    }

    private StagedFile Copy(string name, TarReader reader, CancellationToken ct)
    {
        string path = NextPath();
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        byte[] buffer = new byte[128 * 1024];
        long size = 0;
        int read;
        while ((read = reader.Read(buffer)) > 0)
        {
            ct.ThrowIfCancellationRequested();
            file.Write(buffer, 0, read);
            hash.AppendData(buffer, 0, read);
            size += read;
        }

        return new StagedFile(name, path, size, Sha256Digest.FromHash(hash.GetHashAndReset()));
    }
}
