using PodAgent.Images.Manifests;
using PodAgent.Images.References;
using PodAgent.Linux;

namespace PodAgent.Images.Importing;

/// <summary>Finds the images of an archive in the format of <c>docker save</c>: <c>manifest.json</c> names a configuration and layer files.</summary>
internal static class DockerArchive
{
    public const string ManifestName = "manifest.json";

    /// <summary>All images of the archive.</summary>
    /// <exception cref="ContentException">One of them is not whole.</exception>
    public static IReadOnlyList<ImportedImage> Read(StagedArchive archive, ImageLimits limits) =>
        [.. DockerArchiveManifest.Parse(archive.ReadAll(archive.Get(ManifestName), limits.MaxManifestSize), limits)
            .Select((image, number) => Read(archive, image, number, limits))];

    private static ImportedImage Read(StagedArchive archive, DockerArchiveManifest image, int number, ImageLimits limits)
    {
        StagedFile config = archive.Get(image.Config);

        // docker names the configuration by its digest; other tools need not.
        string stated = Path.GetFileNameWithoutExtension(image.Config);
        if (Sha256Digest.IsHex(stated) && config.Digest != Sha256Digest.Prefix + stated)
        {
            throw new ContentException(ErrorKind.DataLoss, $"entry \"{image.Config}\" has digest {config.Digest}, expected {Sha256Digest.Prefix}{stated}");
        }

        StagedFile[] layers = [.. image.Layers.Select(archive.Get)];
        ImageReference[] names = [.. image.RepoTags.Select(ParseName)];

        // The format has no manifest. One is made, as containerd does on import, so that the image has a digest to be known by.
        var manifest = new ImageManifest(
            new Descriptor(MediaTypes.DockerConfig, config.Digest, config.Size, null, new Dictionary<string, string>()),
            [.. layers.Select(layer => new Descriptor(LayerType(layer), layer.Digest, layer.Size, null, new Dictionary<string, string>()))]);
        return ImageAssembly.Assemble(archive, config, archive.Add($"/manifest of image {number}", manifest.Write()), [], layers, names, limits);
    }

    private static ImageReference ParseName(string name)
    {
        string? problem = ImageReference.TryParse(name, out ImageReference? reference);
        return problem is null
            ? reference!.WithDefaultTag()
            : throw new ContentException(ErrorKind.InvalidArgument, $"manifest.json: invalid image reference \"{name}\": {problem}");
    }

    private static string LayerType(StagedFile layer)
    {
        Span<byte> head = stackalloc byte[4];
        using FileStream file = File.OpenRead(layer.Path);
        int length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return MediaTypes.DockerLayer + (length == 4 ? head : default) switch
        {
            [0x1F, 0x8B, ..] => ".gzip",
            [0x28, 0xB5, 0x2F, 0xFD] => ".zstd",
            _ => "",
        };
    }
}
