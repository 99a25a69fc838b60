using PodAgent.Images.References;
using PodAgent.Linux;

namespace PodAgent.Images;

/// <summary>Finds an image by whatever people and kubelets call it.</summary>
internal static class ImageLookup
{
    // Shorter ones are too likely to be a mistyped name: "cafe" and "decade" are hexadecimal, too.
    private const int MinShortId = 7;

    /// <summary>
    /// In this order: <c>sha256:</c> ID or its beginning; the 64 digits of an ID; a name with digest, the tag then not counting; a name, with <c>latest</c>
    /// when it has no tag; at least seven digits of an ID.
    /// </summary>
    /// <exception cref="AgentException">The text is no reference (InvalidArgument), or a short ID that several images begin with.</exception>
    public static ImageRecord? Find(IReadOnlyList<ImageRecord> images, string reference)
    {
        if (reference.StartsWith(Sha256Digest.Prefix, StringComparison.Ordinal))
        {
            string hex = Sha256Digest.Hex(reference);
            return hex.Length > 0 && IsHex(hex) && hex.Length <= 64
                ? ByPrefix(images, hex, reference)
                : throw new AgentException(ErrorKind.InvalidArgument, $"invalid image id \"{reference}\"");
        }

        if (Sha256Digest.IsHex(reference))
        {
            return ByPrefix(images, reference, reference);
        }

        ImageReference name = ImageReference.Parse(reference);
        ImageRecord? found = name.Digest is not null
            ? images.FirstOrDefault(image => image.RepoDigests.Contains($"{name.Repository}@{name.Digest}"))
            : images.FirstOrDefault(image => image.RepoTags.Contains(name.WithDefaultTag().ToString()));
        return found ?? (reference.Length >= MinShortId && IsHex(reference) ? ByPrefix(images, reference, reference) : null);
    }

    private static bool IsHex(string text) => !text.AsSpan().ContainsAnyExcept("0123456789abcdef");

    private static ImageRecord? ByPrefix(IReadOnlyList<ImageRecord> images, string hex, string reference)
    {
        ImageRecord[] matches = [.. images.Where(image => image.Id.AsSpan(Sha256Digest.Prefix.Length).StartsWith(hex))];
        return matches.Length < 2
            ? matches.FirstOrDefault()
            : throw new AgentException(
                ErrorKind.InvalidArgument, $"image id \"{reference}\" is ambiguous: {string.Join(", ", matches.Select(image => image.Id))}");
    }
}
