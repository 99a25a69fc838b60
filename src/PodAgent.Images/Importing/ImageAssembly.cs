using PodAgent.Images.Configs;
using PodAgent.Images.Manifests;
using PodAgent.Images.References;
using PodAgent.Linux;

namespace PodAgent.Images.Importing;

/// <summary>Checks that the parts of an image belong together.</summary>
internal static class ImageAssembly
{
    /// <summary>Puts an image together.</summary>
    /// <exception cref="ContentException">Parts contradict each other, or the image is for another kind of machine.</exception>
    public static ImportedImage Assemble(
        StagedArchive archive,
        StagedFile config,
        StagedFile manifest,
        IReadOnlyList<StagedFile> indexes,
        IReadOnlyList<StagedFile> layers,
        IReadOnlyList<ImageReference> names,
        ImageLimits limits)
    {
        ImageConfig parsed = ImageConfigParser.Parse(archive.ReadAll(config, limits.MaxConfigSize), $"image configuration \"{config.Entry}\"");
        if (parsed.DiffIds.Count != layers.Count)
        {
            throw new ContentException(
                ErrorKind.InvalidArgument, $"image configuration \"{config.Entry}\" has {parsed.DiffIds.Count} diff_ids, but the image has {layers.Count} layers");
        }

        var platform = new Platform(parsed.OperatingSystem, parsed.Architecture, parsed.Variant);
        if (Platform.Rank(platform, Platform.Host) is null)
        {
            throw new ContentException(ErrorKind.FailedPrecondition, $"the image {config.Digest} is for {platform}, this node is {Platform.Host}");
        }

        return new ImportedImage { Config = config, Manifest = manifest, Indexes = indexes, Layers = layers, Parsed = parsed, Names = names };
    }
}
