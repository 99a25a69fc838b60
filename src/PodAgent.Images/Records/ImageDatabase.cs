using System.Text.Json;
using PodAgent.Linux.Files;

namespace PodAgent.Images.Records;

/// <summary>
/// The image records, one file each, and the same in memory. A file that cannot be trusted is moved to <c>damaged/</c> with a warning:
/// its image is gone, all others stay.
/// </summary>
internal sealed class ImageDatabase
{
    private readonly string _directory;
    private readonly string _damaged;
    private readonly Dictionary<string, StoredImage> _images = [];
    private long _sequence;

    private ImageDatabase(string root)
    {
        _directory = Path.Combine(root, "records");
        _damaged = Path.Combine(root, "damaged");
        RecordFile.MakeDirectory(_directory);
    }

    /// <summary>All images by ID.</summary>
    public IReadOnlyDictionary<string, StoredImage> Images => _images;

    /// <summary>Reads all records.</summary>
    public static ImageDatabase Open(string root, Action<string> warn)
    {
        var database = new ImageDatabase(root);
        foreach (string file in Directory.EnumerateFiles(database._directory).Order(StringComparer.Ordinal))
        {
            if (file.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal))
            {
                File.Delete(file);
                continue;
            }

            StoredImage? image = Read(file, out string? problem);
            if (image is null)
            {
                database.SetAside(file, problem!, warn);
            }
            else
            {
                database._images.Add(image.Id, image);
                database._sequence = Math.Max(database._sequence, image.Sequence);
            }
        }

        database.SettleTags();
        return database;
    }

    /// <summary>Stores an image, new or changed. Names that it takes over are taken from the others after it is stored.</summary>
    public void Put(StoredImage image)
    {
        Write(image with { Sequence = ++_sequence });
        foreach (StoredImage other in _images.Values.Where(other => other.Id != image.Id && other.RepoTags.Intersect(image.RepoTags).Any()).ToList())
        {
            Write(other with { RepoTags = [.. other.RepoTags.Except(image.RepoTags)] });
        }
    }

    /// <summary>Removes an image's record.</summary>
    public void Remove(string id)
    {
        File.Delete(PathOf(id));
        _images.Remove(id);
        AtomicFile.SyncDirectory(_directory);
    }

    /// <summary>Takes an image out whose parts are damaged; its record stays for inspection.</summary>
    public void Drop(string id, string problem, Action<string> warn)
    {
        if (_images.Remove(id))
        {
            SetAside(PathOf(id), problem, warn);
        }
    }

    private static StoredImage? Read(string file, out string? problem)
    {
        byte[]? content = RecordFile.TryRead(file, StoredImage.Format, StoredImage.Version, out problem);
        if (content is null)
        {
            return null;
        }

        try
        {
            StoredImage image = JsonSerializer.Deserialize(content, StateJson.Default.StoredImage)!;
            problem = image.Id == Sha256Digest.Prefix + Path.GetFileName(file) ? null : $"it is the record of {image.Id}";
            return problem is null ? image : null;
        }
        catch (JsonException e)
        {
            problem = $"it cannot be read: {e.Message}";
            return null;
        }
    }

    // A crash between the two writes of Put leaves a tag with two images: the one stored later has it.
    private void SettleTags()
    {
        var owners = new HashSet<string>();
        foreach (StoredImage image in _images.Values.OrderByDescending(image => image.Sequence).ToList())
        {
            if (image.RepoTags.Any(owners.Contains))
            {
                Write(image with { RepoTags = [.. image.RepoTags.Except(owners)] });
            }

            owners.UnionWith(image.RepoTags);
        }
    }

    private void Write(StoredImage image)
    {
        RecordFile.Write(
            PathOf(image.Id), StoredImage.Format, StoredImage.Version, JsonSerializer.SerializeToUtf8Bytes(image, StateJson.Default.StoredImage), durable: true);
        _images[image.Id] = image;
    }

    private string PathOf(string id) => Path.Combine(_directory, Sha256Digest.Hex(id));

    private void SetAside(string file, string problem, Action<string> warn)
    {
        RecordFile.MakeDirectory(_damaged);
        string place = Path.Combine(_damaged, Path.GetFileName(file));
        File.Move(file, place, overwrite: true);
        warn($"image record \"{file}\" cannot be used and was moved to \"{place}\": {problem}");
    }
}
