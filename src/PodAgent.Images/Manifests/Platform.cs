using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;

namespace PodAgent.Images.Manifests;

/// <summary>Operating system and processor of an image, in the names of the Go toolchain.</summary>
internal sealed record Platform(string OperatingSystem, string Architecture, string Variant)
{
    /// <summary>The machine this runs on.</summary>
    public static Platform Host { get; } = new(
        "linux",
        RuntimeInformation.ProcessArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            var other => other.ToString().ToLowerInvariant(),
        },
        "");

    public static Platform Parse(JsonElement element, string what) => new(
        JsonFields.Text(element, "os", what), JsonFields.Text(element, "architecture", what), JsonFields.Text(element, "variant", what));

    /// <summary>
    /// How well an image runs on this host: null not at all; otherwise the lower the better. The baseline variant comes before those that
    /// need newer processors, which count only when the processor has them.
    /// </summary>
    public static int? Rank(Platform image, Platform host)
    {
        if (image.OperatingSystem != host.OperatingSystem || image.Architecture != host.Architecture)
        {
            return null;
        }

        return (host.Architecture, image.Variant) switch
        {
            (_, "") => 0,
            ("amd64", "v1") => 0,
            ("amd64", "v2") when Sse42.IsSupported && Popcnt.IsSupported => 1,
            ("amd64", "v3") when Avx2.IsSupported && Bmi2.IsSupported && Fma.IsSupported && Lzcnt.IsSupported => 2,
            ("arm64", "v8") => 0,
            _ => null,
        };
    }

    /// <summary><c>linux/arm64/v8</c></summary>
    public override string ToString() => $"{OperatingSystem}/{Architecture}{(Variant.Length == 0 ? "" : "/")}{Variant}";
}
