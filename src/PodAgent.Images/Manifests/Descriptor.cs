using System.Text.Json;
using PodAgent.Linux;

namespace PodAgent.Images.Manifests;

/// <summary>A reference to a blob (OCI image specification, "Content Descriptors").</summary>
internal sealed record Descriptor(string MediaType, string Digest, long Size, Platform? Platform, IReadOnlyDictionary<string, string> Annotations)
{
    /// <summary>Where a foreign layer is.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    public static Descriptor Parse(JsonElement element, string what)
    {
        string digest = JsonFields.Text(element, "digest", what);
        if (Sha256Digest.Check(digest) is { } wrong)
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{what}: {wrong}");
        }

        long size = JsonFields.Count(element, "size", what) ?? throw new ContentException(ErrorKind.InvalidArgument, $"{what}: a descriptor has no size");
        JsonElement? platform = JsonFields.Find(element, "platform", JsonValueKind.Object, what);
        return new Descriptor(
            JsonFields.Text(element, "mediaType", what),
            digest,
            size,
            platform is { } p ? Platform.Parse(p, what) : null,
            JsonFields.Map(element, "annotations", what))
        {
            Urls = JsonFields.Texts(element, "urls", what),
        };
    }
}
