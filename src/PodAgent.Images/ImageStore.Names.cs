using PodAgent.Images.Exporting;
using PodAgent.Images.Pulling;
using PodAgent.Images.Pushing;
using PodAgent.Images.Records;
using PodAgent.Images.References;
using PodAgent.Linux;

namespace PodAgent.Images;

// What people do with images that are here: name, unname, look at, and send away.
public sealed partial class ImageStore
{
    /// <summary>Gives an image another name, taken from whatever image has it.</summary>
    /// <exception cref="AgentException">NotFound: no such image; InvalidArgument: the name is none, or has a digest.</exception>
    public async Task<ImageRecord> TagAsync(string reference, string name, CancellationToken ct)
    {
        ImageReference tag = ImageReference.Parse(name).WithDefaultTag();
        if (tag.Digest is not null)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"\"{name}\" has a digest, which follows from the image and cannot be given");
        }

        await Snapshots.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            StoredImage image = _database.Images[Get(reference).Id];
            _database.Put(image with
            {
                RepoTags = [.. image.RepoTags.Append(tag.ToString()).Distinct().Order(StringComparer.Ordinal)],
                RepoDigests = [.. image.RepoDigests.Append($"{tag.Repository}@{image.ManifestDigest}").Distinct().Order(StringComparer.Ordinal)],
            });
            Publish();
            return _images.First(record => record.Id == image.Id);
        }
        finally
        {
            Snapshots.Gate.Release();
        }
    }

    /// <summary>
    /// Takes a name away, as people mean it: a name with tag is taken from its image, which goes with its last one; an ID or a digest means the
    /// image with all its names.
    /// </summary>
    /// <param name="reference">As for <see cref="Find"/>.</param>
    /// <param name="check">Called with the image when it is about to go; throws to prevent that.</param>
    /// <param name="ct">Withdraws the request.</param>
    /// <exception cref="AgentException">NotFound: no such image.</exception>
    public async Task<UntagResult> UntagAsync(string reference, Action<ImageRecord> check, CancellationToken ct)
    {
        UntagResult result;
        await Snapshots.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            ImageRecord image = Get(reference);
            string? tag = ImageReference.TryParse(reference, out ImageReference? name) is null && name!.Digest is null ? name.WithDefaultTag().ToString() : null;
            if (tag is not null && image.RepoTags.Contains(tag) && image.RepoTags.Count > 1)
            {
                StoredImage stored = _database.Images[image.Id];
                string[] tags = [.. stored.RepoTags.Where(other => other != tag)];

                // A digest is kept as long as its repository has a tag of the image.
                string repository = name!.Repository;
                bool last = !tags.Any(other => ImageReference.Parse(other).Repository == repository);
                _database.Put(stored with
                {
                    RepoTags = [.. tags],
                    RepoDigests = [.. stored.RepoDigests.Where(digest => !last || !digest.StartsWith(repository + "@", StringComparison.Ordinal))],
                });
                Publish();
                return new UntagResult([tag], null);
            }

            check(image);
            _database.Remove(image.Id);
            Publish();
            result = new UntagResult([.. image.RepoTags], image.Id);
        }
        finally
        {
            Snapshots.Gate.Release();
        }

        await CollectGarbageAsync(ct).ConfigureAwait(false);
        return result;
    }

    /// <summary>The documents of an image.</summary>
    /// <exception cref="AgentException">NotFound: no such image; DataLoss: they are damaged.</exception>
    public ImageDocuments Inspect(string reference)
    {
        ImageRecord image = Get(reference);
        try
        {
            return new ImageDocuments(
                image, _content.Read(image.Id, _options.Limits.MaxConfigSize), _content.Read(image.ManifestDigest, _options.Limits.MaxManifestSize));
        }
        catch (ContentException e)
        {
            throw new AgentException(e.Kind, $"image {image.Id}: {e.Message}", e);
        }
    }

    /// <summary>Writes images as one tar, an OCI layout that docker reads, too.</summary>
    /// <param name="references">As for <see cref="Find"/>; an image asked for by name gets that name in the archive, otherwise all of its names.</param>
    /// <param name="output">Not closed.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="AgentException">NotFound: no such image; DataLoss: a blob is damaged.</exception>
    public async Task ExportAsync(IReadOnlyList<string> references, Stream output, CancellationToken ct)
    {
        var images = new Dictionary<string, (ImageRecord Image, List<string> Names)>();
        foreach (string reference in references)
        {
            ImageRecord image = Get(reference);
            bool named = ImageReference.TryParse(reference, out ImageReference? name) is null && name!.Digest is null
                && image.RepoTags.Contains(name.WithDefaultTag().ToString());
            images.TryAdd(image.Id, (image, []));
            images[image.Id].Names.AddRange((named ? [name!.WithDefaultTag().ToString()] : image.RepoTags).Except(images[image.Id].Names));
        }

        // Held, so that a removal meanwhile does not take them away.
        await Snapshots.Gate.WaitAsync(ct).ConfigureAwait(false);
        IDisposable lease;
        try
        {
            lease = _leases.Hold(images.Keys.Select(id => _database.Images.GetValueOrDefault(id)).OfType<StoredImage>().SelectMany(image => image.Blobs()));
        }
        finally
        {
            Snapshots.Gate.Release();
        }

        using (lease)
        {
            try
            {
                await Task.Run(
                    () => new ImageExporter(_content, _options.Limits).Write([.. images.Values.Select(each => (each.Image, (IReadOnlyList<string>)each.Names))], output, ct),
                    CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ContentException or FileNotFoundException)
            {
                throw PullFailure.Describe($"cannot save {string.Join(", ", references)}", e);
            }
        }
    }

    /// <summary>Pushes an image; gives the digest that it has there.</summary>
    /// <exception cref="AgentException">As for <see cref="PullAsync"/>.</exception>
    public async Task<string> PushAsync(PushRequest request, CancellationToken ct)
    {
        ImageRecord image = Get(request.Reference);
        try
        {
            return await new ImagePusher(_options, _content).PushAsync(request, image, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw PullFailure.Describe($"cannot push image \"{request.Target ?? request.Reference}\"", e);
        }
    }

    private ImageRecord Get(string reference) =>
        Find(reference) ?? throw new AgentException(ErrorKind.NotFound, $"image \"{reference}\" not found");
}
