using System.Globalization;
using System.Text.Json;
using PodAgent.Linux;

namespace PodAgent.Images.Configs;

/// <summary>Reads an image configuration of either docker or OCI; they differ only in what each ignores of the other.</summary>
internal static class ImageConfigParser
{
    /// <summary>Parses a configuration.</summary>
    /// <exception cref="ContentException">It is malformed.</exception>
    public static ImageConfig Parse(ReadOnlyMemory<byte> content, string what = "image configuration")
    {
        using JsonDocument document = JsonFields.Parse(content, what);
        JsonElement root = document.RootElement;
        JsonElement rootfs = JsonFields.Find(root, "rootfs", JsonValueKind.Object, what)
            ?? throw new ContentException(ErrorKind.InvalidArgument, $"{what} has no \"rootfs\"");
        string type = JsonFields.Text(rootfs, "type", what);
        if (type is not ("layers" or ""))
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{what}: rootfs type \"{type}\" is unknown");
        }

        IReadOnlyList<string> diffIds = JsonFields.Texts(rootfs, "diff_ids", what);
        foreach (string diffId in diffIds)
        {
            if (Sha256Digest.Check(diffId) is { } wrong)
            {
                throw new ContentException(ErrorKind.InvalidArgument, $"{what}: diff_ids: {wrong}");
            }
        }

        var image = new ImageConfig
        {
            Architecture = JsonFields.Text(root, "architecture", what),
            Variant = JsonFields.Text(root, "variant", what),
            OperatingSystem = JsonFields.Text(root, "os", what),
            Created = ParseTime(JsonFields.Text(root, "created", what)),
            DiffIds = diffIds,
        };
        if (JsonFields.Find(root, "config", JsonValueKind.Object, what) is not { } config)
        {
            return image;
        }

        return image with
        {
            Entrypoint = JsonFields.Texts(config, "Entrypoint", what),
            Cmd = JsonFields.Texts(config, "Cmd", what),
            Env = JsonFields.Texts(config, "Env", what),
            User = JsonFields.Text(config, "User", what),
            WorkingDir = JsonFields.Text(config, "WorkingDir", what),
            StopSignal = JsonFields.Text(config, "StopSignal", what),
            Volumes = JsonFields.Keys(config, "Volumes", what),
            ExposedPorts = JsonFields.Keys(config, "ExposedPorts", what),
            Labels = JsonFields.Map(config, "Labels", what),
        };
    }

    // Only shown to people, so a strange time is no reason to refuse the image.
    private static DateTimeOffset? ParseTime(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;
}
