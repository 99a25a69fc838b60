using PodAgent.Images.Records;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Images.Content;

/// <summary>
/// Blobs by digest, in the layout of the OCI specification: <c>blobs/sha256/&lt;hex&gt;</c>. A name appears only when its content is
/// complete and verified; it is on the disk before an image's record names it. Whoever reads a blob verifies it again.
/// </summary>
internal sealed class ContentStore
{
    private readonly string _directory;

    // A file has one temporary name, so two pulls that store one document take turns, and nobody clears away what is being written.
    private readonly Lock _writing = new();

    /// <summary>Opens, and creates, the store below a directory.</summary>
    public ContentStore(string root)
    {
        _directory = Path.Combine(root, "blobs", "sha256");
        RecordFile.MakeDirectory(_directory);
    }

    /// <summary>The file of a blob, which need not exist.</summary>
    public string PathOf(string digest) => Path.Combine(_directory, Sha256Digest.Hex(digest));

    /// <summary>Whether the blob is there.</summary>
    public bool Contains(string digest) => File.Exists(PathOf(digest));

    /// <summary>Takes files in that are already on the disk; one whose digest is there goes away.</summary>
    public void Adopt(IEnumerable<KeyValuePair<string, string>> digestsAndFiles)
    {
        foreach ((string digest, string file) in digestsAndFiles)
        {
            if (Contains(digest))
            {
                File.Delete(file);
            }
            else
            {
                File.Move(file, PathOf(digest));
            }
        }

        AtomicFile.SyncDirectory(_directory);
    }

    /// <summary>Takes a verified file in, which is on the disk already; its name is when <see cref="Sync"/> has returned.</summary>
    public void Adopt(string digest, string file) => File.Move(file, PathOf(digest), overwrite: true);

    /// <summary>Stores a small blob; it is on the disk when <see cref="Sync"/> has returned.</summary>
    public void Write(string digest, ReadOnlySpan<byte> blob)
    {
        lock (_writing)
        {
            if (!Contains(digest))
            {
                AtomicFile.Write(PathOf(digest), blob);
            }
        }
    }

    /// <summary>What these blobs hold, and the names of all, are on the disk when this returns.</summary>
    /// <exception cref="LinuxException">A write failed.</exception>
    public void Sync(IEnumerable<string> digests)
    {
        foreach (string digest in digests)
        {
            using Fd file = FileTree.Open(PathOf(digest), OpenFlags.ReadOnly);
            FileData.Sync(file, PathOf(digest));
        }

        AtomicFile.SyncDirectory(_directory);
    }

    /// <summary>The content of a small blob.</summary>
    /// <exception cref="ContentException">It is missing, too large, or not what its name says.</exception>
    public byte[] Read(string digest, int maxSize)
    {
        var file = new FileInfo(PathOf(digest));
        if (!file.Exists)
        {
            throw new ContentException(ErrorKind.DataLoss, $"blob {digest} is missing");
        }

        if (file.Length > maxSize)
        {
            throw new ContentException(ErrorKind.ResourceExhausted, $"blob {digest} has {file.Length} bytes, more than {maxSize}");
        }

        byte[] content = File.ReadAllBytes(file.FullName);
        string actual = Sha256Digest.Of(content);
        return actual == digest ? content : throw new ContentException(ErrorKind.DataLoss, $"blob {digest} is damaged: its content has {actual}");
    }

    /// <summary>Opens a blob for reading; the reader verifies it.</summary>
    public Stream Open(string digest) => new FileStream(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read, 128 * 1024);

    /// <summary>Removes every blob that is not in <paramref name="used"/>, or hands it on; gives the bytes that it had.</summary>
    public long RemoveUnused(IReadOnlySet<string> used, Action<string, string>? handOn = null)
    {
        long bytes = 0;
        lock (_writing)
        {
            foreach (FileInfo file in new DirectoryInfo(_directory).GetFiles())
            {
                string digest = Sha256Digest.Prefix + file.Name;
                if (used.Contains(digest))
                {
                    continue;
                }

                bytes += file.Length;
                if (handOn is not null && Sha256Digest.IsHex(file.Name))
                {
                    handOn(digest, file.FullName);
                }
                else
                {
                    file.Delete();
                }
            }
        }

        return bytes;
    }

    /// <summary>Bytes and number of all blobs.</summary>
    public (long Bytes, long Count) Usage()
    {
        FileInfo[] files = new DirectoryInfo(_directory).GetFiles();
        return (files.Sum(file => file.Length), files.Length);
    }
}
