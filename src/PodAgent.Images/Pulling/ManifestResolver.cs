using PodAgent.Images.Manifests;
using PodAgent.Images.Registry;
using PodAgent.Linux;

namespace PodAgent.Images.Pulling;

/// <summary>Follows a tag or digest, through indexes, to the manifest for this host.</summary>
internal static class ManifestResolver
{
    private const int MaxNesting = 4;

    /// <summary>Resolves.</summary>
    /// <exception cref="RegistryException">A document cannot be had.</exception>
    /// <exception cref="ContentException">A document is malformed, or there is nothing for this host.</exception>
    public static async Task<ResolvedImage> ResolveAsync(RegistrySession session, string reference, ImageLimits limits, CancellationToken ct)
    {
        var indexes = new List<FetchedManifest>();
        FetchedManifest document = await session.GetManifestAsync(reference, limits.MaxManifestSize, ct).ConfigureAwait(false);
        while (true)
        {
            string what = $"manifest {document.Digest}";
            if (MediaTypes.IsManifest(ManifestDocument.TypeOf(document.Content, document.MediaType, what)))
            {
                return new ResolvedImage(indexes, document, ImageManifest.Parse(document.Content, limits, what));
            }

            if (indexes.Count == MaxNesting)
            {
                throw new ContentException(ErrorKind.ResourceExhausted, $"indexes are nested more than {MaxNesting} deep");
            }

            indexes.Add(document);
            Descriptor best = Choose(ImageIndex.Parse(document.Content, what));
            if (best.Size > limits.MaxManifestSize)
            {
                throw new ContentException(ErrorKind.ResourceExhausted, $"manifest {best.Digest} has {best.Size} bytes, more than {limits.MaxManifestSize}");
            }

            document = await session.GetManifestAsync(best.Digest, limits.MaxManifestSize, ct).ConfigureAwait(false);
            if (document.Content.Length != best.Size)
            {
                throw new ContentException(ErrorKind.DataLoss, $"manifest {best.Digest} has {document.Content.Length} bytes, expected {best.Size}");
            }
        }
    }

    private static Descriptor Choose(ImageIndex index) =>
        index.For(Platform.Host) is [var best, ..]
            ? best
            : throw new ContentException(
                ErrorKind.FailedPrecondition,
                $"there is no image for {Platform.Host}, only for {string.Join(", ", index.Manifests.Select(manifest => manifest.Platform).OfType<Platform>().Distinct())}");
}
