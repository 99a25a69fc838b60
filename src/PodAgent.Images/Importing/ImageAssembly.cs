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
        Check(parsed, config.Digest, layers.Count);
        return new ImportedImage { Config = config, Manifest = manifest, Indexes = indexes, Layers = layers, Parsed = parsed, Names = names };
    }

    /// <summary>Checks a configuration against its manifest and this host.</summary>
    /// <exception cref="ContentException">As for <see cref="Assemble"/>.</exception>
    public static void Check(ImageConfig config, string digest, int layers)
    {
        if (config.DiffIds.Count != layers)
        {
            throw new ContentException(
                ErrorKind.InvalidArgument, $"image configuration {digest} has {config.DiffIds.Count} diff_ids, but the image has {layers} layers");
        }

        var platform = new Platform(config.OperatingSystem, config.Architecture, config.Variant);
        if (Platform.Rank(platform, Platform.Host) is null)
        {
            throw new ContentException(ErrorKind.FailedPrecondition, $"the image {digest} is for {platform}, this node is {Platform.Host}");
        }
    }
}
