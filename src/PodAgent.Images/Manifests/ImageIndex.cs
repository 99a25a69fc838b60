using System.Text.Json;
using PodAgent.Linux;

namespace PodAgent.Images.Manifests;

/// <summary>A list of manifests (OCI image index, docker manifest list).</summary>
internal sealed record ImageIndex(IReadOnlyList<Descriptor> Manifests)
{
    private const int MaxManifests = 1000;

    public static ImageIndex Parse(ReadOnlyMemory<byte> content, string what)
    {
        using JsonDocument document = JsonFields.Parse(content, what);
        JsonElement root = document.RootElement;
        if (JsonFields.Count(root, "schemaVersion", what) != 2)
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{what}: schemaVersion is not 2");
        }

        JsonElement list = JsonFields.Find(root, "manifests", JsonValueKind.Array, what)
            ?? throw new ContentException(ErrorKind.InvalidArgument, $"{what} has no \"manifests\"");
        return list.GetArrayLength() <= MaxManifests
            ? new ImageIndex([.. list.EnumerateArray().Select(element => Descriptor.Parse(element, what))])
            : throw new ContentException(ErrorKind.ResourceExhausted, $"{what} lists more than {MaxManifests} manifests");
    }

    /// <summary>
    /// The manifests for a host, the best first. One that states no platform is a candidate after all that do; its configuration tells.
    /// </summary>
    public IReadOnlyList<Descriptor> For(Platform host) =>
        [.. Manifests
            .Select(manifest => (Manifest: manifest, Rank: manifest.Platform is null ? 100 : Platform.Rank(manifest.Platform, host)))
            .Where(candidate => candidate.Rank is not null)
            .OrderBy(candidate => candidate.Rank)
            .Select(candidate => candidate.Manifest)];
}
