using PodAgent.Api.Cri;

namespace PodAgent.Cri.Cdi;

/// <summary>The devices that a container's configuration asks for, by qualified names: <c>vendor.com/class=device</c>.</summary>
internal static class CdiDeviceNames
{
    private const string AnnotationPrefix = "cdi.k8s.io/";

    /// <summary>Names of the field and, as device plugins set them, of annotations; each once, in that order.</summary>
    public static IReadOnlyList<string> Of(ContainerConfig config) =>
    [
        .. config.CDIDevices.Select(device => device.Name)
            .Concat(config.Annotations
                .Where(annotation => annotation.Key.StartsWith(AnnotationPrefix, StringComparison.Ordinal))
                .OrderBy(annotation => annotation.Key, StringComparer.Ordinal)
                .SelectMany(annotation => annotation.Value.Split(',')))
            .Distinct(),
    ];

    /// <summary>Kind and device of a qualified name; false when it is not one.</summary>
    public static bool TrySplit(string name, out string kind, out string device)
    {
        int equals = name.IndexOf('=', StringComparison.Ordinal);
        kind = equals < 0 ? "" : name[..equals];
        device = equals < 0 ? "" : name[(equals + 1)..];
        return IsKind(kind) && IsDevice(device);
    }

    public static bool IsKind(string kind)
    {
        string[] parts = kind.Split('/');
        return parts is [var vendor, var @class] && IsWord(vendor, "-_.") && IsWord(@class, "-_.") && char.IsAsciiLetter(vendor[0]) && char.IsAsciiLetter(@class[0]);
    }

    public static bool IsDevice(string device) => IsWord(device, "-_.:");

    private static bool IsWord(string text, string further) =>
        text.Length is > 0 and <= 256
        && char.IsAsciiLetterOrDigit(text[0])
        && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || further.Contains(c, StringComparison.Ordinal));
}
