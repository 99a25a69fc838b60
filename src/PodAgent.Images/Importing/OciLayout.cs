using System.Text.Json;
using PodAgent.Images.Manifests;
using PodAgent.Images.References;
using PodAgent.Linux;

namespace PodAgent.Images.Importing;

/// <summary>
/// Finds the images of an archived OCI image layout: <c>index.json</c> leads, through nested indexes, to manifests, all of them under
/// <c>blobs/</c> by digest.
/// </summary>
internal sealed class OciLayout(StagedArchive archive, ImageLimits limits)
{
    public const string IndexName = "index.json";

    public const string MarkerName = "oci-layout";

    private const int MaxNesting = 4;

    // The first is a full reference, written by containerd, docker and buildkit; the second by the specification only a tag, in practice either.
    private const string FullName = "io.containerd.image.name";
    private const string ReferenceName = "org.opencontainers.image.ref.name";

    /// <summary>The images for this host. Entries of the top index for other platforms are left out as long as one remains.</summary>
    /// <exception cref="ContentException">One of them is not whole, or there is none for this host.</exception>
    public IReadOnlyList<ImportedImage> Read()
    {
        CheckVersion();
        ImageIndex index = ImageIndex.Parse(archive.ReadAll(archive.Get(IndexName), limits.MaxManifestSize), IndexName);
        if (index.Manifests.Count == 0)
        {
            throw new ContentException(ErrorKind.InvalidArgument, "index.json lists no image");
        }

        Descriptor[] usable = [.. index.Manifests.Where(manifest => manifest.Platform is null || Platform.Rank(manifest.Platform, Platform.Host) is not null)];
        if (usable.Length == 0)
        {
            throw NoPlatform(IndexName, index);
        }

        // One image may be listed once for each of its names.
        var images = new List<ImportedImage>();
        foreach (Descriptor descriptor in usable)
        {
            ImportedImage image = Resolve(descriptor, [], 0);
            ImageReference? name = NameOf(descriptor);
            int known = images.FindIndex(other => other.TargetDigest == image.TargetDigest);
            if (known >= 0)
            {
                images[known] = images[known] with { Names = name is null ? images[known].Names : [.. images[known].Names, name] };
            }
            else
            {
                images.Add(image with { Names = name is null ? [] : [name] });
            }
        }

        return images;
    }

    private static ImageReference? NameOf(Descriptor descriptor)
    {
        string? full = descriptor.Annotations.GetValueOrDefault(FullName);
        string? reference = descriptor.Annotations.GetValueOrDefault(ReferenceName);

        // A bare tag names nothing: "latest" must not become docker.io/library/latest.
        string? text = full ?? (reference?.AsSpan().IndexOfAny(":/@") >= 0 ? reference : null);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        string? problem = ImageReference.TryParse(text, out ImageReference? name);
        return problem is null
            ? name!.WithDefaultTag()
            : throw new ContentException(ErrorKind.InvalidArgument, $"index.json: invalid image reference \"{text}\": {problem}");
    }

    private static ContentException NoPlatform(string what, ImageIndex index) => new(
        ErrorKind.FailedPrecondition,
        $"{what} has no image for {Platform.Host}, only for {string.Join(", ", index.Manifests.Select(manifest => manifest.Platform).Where(platform => platform is not null).Distinct())}");

    private void CheckVersion()
    {
        if (archive.Find(MarkerName) is not { } marker)
        {
            return;
        }

        using JsonDocument document = JsonFields.Parse(archive.ReadAll(marker, limits.MaxManifestSize), MarkerName);
        string version = JsonFields.Text(document.RootElement, "imageLayoutVersion", MarkerName);
        if (!version.StartsWith("1.", StringComparison.Ordinal))
        {
            throw new ContentException(ErrorKind.Unimplemented, $"oci-layout has version \"{version}\", expected 1.0.0");
        }
    }

    private ImportedImage Resolve(Descriptor descriptor, IReadOnlyList<StagedFile> indexes, int depth)
    {
        StagedFile file = Blob(descriptor);
        byte[] content = archive.ReadAll(file, limits.MaxManifestSize);
        if (MediaTypes.IsManifest(descriptor.MediaType))
        {
            ImageManifest manifest = ImageManifest.Parse(content, limits, $"manifest {descriptor.Digest}");
            return ImageAssembly.Assemble(archive, Blob(manifest.Config), file, indexes, [.. manifest.Layers.Select(Blob)], [], limits);
        }

        if (!MediaTypes.IsIndex(descriptor.MediaType))
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"blob {descriptor.Digest} has the unknown media type \"{descriptor.MediaType}\"");
        }

        if (depth >= MaxNesting)
        {
            throw new ContentException(ErrorKind.ResourceExhausted, $"indexes are nested more than {MaxNesting} deep");
        }

        string what = $"index {descriptor.Digest}";
        ImageIndex index = ImageIndex.Parse(content, what);
        return index.For(Platform.Host) is [var best, ..] ? Resolve(best, [.. indexes, file], depth + 1) : throw NoPlatform(what, index);
    }

    private StagedFile Blob(Descriptor descriptor)
    {
        string entry = $"blobs/sha256/{Sha256Digest.Hex(descriptor.Digest)}";
        StagedFile file = archive.Get(entry);
        if (file.Size != descriptor.Size)
        {
            throw new ContentException(ErrorKind.DataLoss, $"entry \"{entry}\" has {file.Size} bytes, expected {descriptor.Size}");
        }

        return file.Digest == descriptor.Digest
            ? file
            : throw new ContentException(ErrorKind.DataLoss, $"entry \"{entry}\" has digest {file.Digest}, expected {descriptor.Digest}");
    }
}
