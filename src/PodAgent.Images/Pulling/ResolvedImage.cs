using PodAgent.Images.Manifests;
using PodAgent.Images.Registry;

namespace PodAgent.Images.Pulling;

/// <summary>An image as a registry describes it.</summary>
/// <param name="Indexes">Passed on the way, the outermost first.</param>
/// <param name="Document">The manifest for this host.</param>
/// <param name="Manifest">The same, read.</param>
internal sealed record ResolvedImage(IReadOnlyList<FetchedManifest> Indexes, FetchedManifest Document, ImageManifest Manifest)
{
    /// <summary>Every blob that it needs.</summary>
    public IEnumerable<string> Digests =>
        [.. Indexes.Select(index => index.Digest), Document.Digest, Manifest.Config.Digest, .. Manifest.Layers.Select(layer => layer.Digest)];
}
