using System.Text.Json;
using PodAgent.Linux;

namespace PodAgent.Images.Manifests;

/// <summary>One image of a docker-archive's <c>manifest.json</c>: paths of entries in the same archive.</summary>
internal sealed record DockerArchiveManifest(string Config, IReadOnlyList<string> RepoTags, IReadOnlyList<string> Layers)
{
    public static IReadOnlyList<DockerArchiveManifest> Parse(ReadOnlyMemory<byte> content, ImageLimits limits)
    {
        const string What = "manifest.json";
        using JsonDocument document = JsonFields.Parse(content, What);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new ContentException(ErrorKind.InvalidArgument, "manifest.json is no list of images");
        }

        var images = new List<DockerArchiveManifest>();
        foreach (JsonElement element in document.RootElement.EnumerateArray())
        {
            var image = new DockerArchiveManifest(
                JsonFields.Text(element, "Config", What), JsonFields.Texts(element, "RepoTags", What), JsonFields.Texts(element, "Layers", What));
            if (image.Config.Length == 0)
            {
                throw new ContentException(ErrorKind.InvalidArgument, "manifest.json: an image has no \"Config\"");
            }

            if (image.Layers.Count > limits.MaxLayers)
            {
                throw new ContentException(ErrorKind.ResourceExhausted, $"manifest.json: an image has {image.Layers.Count} layers, more than {limits.MaxLayers}");
            }

            images.Add(image);
        }

        return images;
    }
}
