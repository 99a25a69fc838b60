using PodAgent.Images.Records;

namespace PodAgent.Images.Content;

/// <summary>
/// Blobs on their way: <c>partial/&lt;hex&gt;</c> holds the beginning of a blob, so that the next pull goes on where the last one ended. What is
/// in them is trusted only after all of it was hashed.
/// </summary>
internal sealed class PartialBlobs
{
    /// <summary>How long somebody may take to come back for the rest.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromHours(24);

    private readonly string _directory;

    /// <summary>Opens, and creates, the directory.</summary>
    public PartialBlobs(string root)
    {
        _directory = Path.Combine(root, "partial");
        RecordFile.MakeDirectory(_directory);
    }

    /// <summary>The file of a blob, which need not exist.</summary>
    public string PathOf(string digest) => Path.Combine(_directory, Sha256Digest.Hex(digest));

    /// <summary>Takes a blob back that no image has: whether it is whole is to be found out again.</summary>
    public void TakeBack(string digest, string file) => File.Move(file, PathOf(digest), overwrite: true);

    /// <summary>Removes the beginning of a blob that has come whole on another way.</summary>
    public void Forget(string digest) => File.Delete(PathOf(digest));

    /// <summary>Removes those that nobody has come back for.</summary>
    /// <param name="now">The time.</param>
    /// <param name="leased">Digests that a pull under way wants.</param>
    public void RemoveOld(DateTimeOffset now, IReadOnlyList<string> leased)
    {
        foreach (FileInfo file in new DirectoryInfo(_directory).EnumerateFiles())
        {
            if (now - file.LastWriteTimeUtc > Keep && !leased.Contains(Sha256Digest.Prefix + file.Name))
            {
                file.Delete();
            }
        }
    }

    /// <summary>Bytes and number of all files.</summary>
    public (long Bytes, long Count) Usage()
    {
        FileInfo[] files = new DirectoryInfo(_directory).GetFiles();
        return (files.Sum(file => file.Length), files.Length);
    }
}
