using System.Text.Json;
using PodAgent.Linux;

namespace PodAgent.Images.Manifests;

/// <summary>Tells manifests and indexes apart by what they are, not by what somebody calls them.</summary>
internal static class ManifestDocument
{
    /// <summary>The media type of a document.</summary>
    /// <param name="content">The document.</param>
    /// <param name="stated">What the sender calls it; may be empty.</param>
    /// <param name="what">For the message.</param>
    /// <exception cref="ContentException">
    /// It is of docker's first, unsigned schema (Unimplemented); it can be read as both manifest and index (CVE-2021-41190); or it is something else.
    /// </exception>
    public static string TypeOf(ReadOnlyMemory<byte> content, string stated, string what)
    {
        using JsonDocument document = JsonFields.Parse(content, what);
        JsonElement root = document.RootElement;
        if (stated.StartsWith("application/vnd.docker.distribution.manifest.v1+", StringComparison.Ordinal) || JsonFields.Count(root, "schemaVersion", what) == 1)
        {
            throw new ContentException(
                ErrorKind.Unimplemented, $"{what} is in docker's schema 1, which is obsolete and not supported; push the image again with a current tool");
        }

        bool index = root.TryGetProperty("manifests", out _);
        bool manifest = root.TryGetProperty("layers", out _) || root.TryGetProperty("config", out _);
        string own = JsonFields.Text(root, "mediaType", what);
        string type = own.Length > 0 ? own : stated;
        if (index == manifest)
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{what} is neither a manifest nor an index (\"{type}\")");
        }

        if ((MediaTypes.IsIndex(type) && manifest) || (MediaTypes.IsManifest(type) && index))
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{what} calls itself \"{type}\", which it is not");
        }

        return MediaTypes.IsIndex(type) || MediaTypes.IsManifest(type) ? type : index ? MediaTypes.OciIndex : MediaTypes.OciManifest;
    }
}
