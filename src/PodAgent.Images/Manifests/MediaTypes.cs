namespace PodAgent.Images.Manifests;

/// <summary>Media types of image parts, OCI's and docker's.</summary>
internal static class MediaTypes
{
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";

    private static readonly string[] s_layers =
    [
        OciLayer,
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        DockerLayer,
        "application/vnd.docker.image.rootfs.foreign.diff.tar",
    ];

    public static bool IsIndex(string type) => type is OciIndex or DockerList;

    public static bool IsManifest(string type) => type is OciManifest or DockerManifest;

    public static bool IsConfig(string type) => type is OciConfig or DockerConfig;

    /// <summary>Whether registries may lack it and its descriptor tells where it is.</summary>
    public static bool IsForeign(string type) => IsLayer(type) && (type.Contains(".nondistributable.") || type.Contains(".foreign."));

    /// <summary>Whether this is a file system layer that can be unpacked here; docker joins the compression with a dot, OCI with a plus.</summary>
    public static bool IsLayer(string type) => Array.Exists(
        s_layers,
        layer => type.StartsWith(layer, StringComparison.Ordinal) && type[layer.Length..] is "" or "+gzip" or ".gzip" or "+zstd" or ".zstd");
}
