namespace PodAgent.Api.Defaults;

/// <summary>When an image is pulled if nobody says so.</summary>
internal static class ImagePullPolicy
{
    /// <summary><c>Always</c> for the tag <c>latest</c>, written or implied, else <c>IfNotPresent</c>.</summary>
    public static string DefaultFor(string image)
    {
        int at = image.IndexOf('@', StringComparison.Ordinal);
        string name = at < 0 ? image : image[..at];

        // A colon before the last slash belongs to the registry's port.
        int colon = name.LastIndexOf(':');
        string tag = colon > name.LastIndexOf('/') ? name[(colon + 1)..] : "";
        return tag == "latest" || (tag.Length == 0 && at < 0) ? "Always" : "IfNotPresent";
    }
}
