using PodAgent.Images.References;

namespace PodAgent.Cri.Images;

/// <summary>Names that no registry stands behind.</summary>
internal static class LocalImages
{
    /// <summary>The domain of images that this program makes, and that people give to what they import.</summary>
    public const string Domain = "podagent.local";

    /// <summary>Whether a name is of that domain.</summary>
    public static bool IsLocal(string reference) => ImageReference.TryParse(reference, out ImageReference? name) is null && name!.Domain == Domain;
}
