using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PodAgent.EndToEnd.Images;

/// <summary>Builds image archives of one busybox layer, whole ones and ones with a fault.</summary>
internal static class ImageArchive
{
    private static readonly Lazy<byte[]> s_busybox = new(() => File.ReadAllBytes("/bin/busybox"));

    /// <summary>A layer with busybox as sh and cat, a greeting, and what else is given.</summary>
    public static byte[] Layer(string greeting, params TarEntry[] more)
    {
        List<TarEntry> entries =
        [
            new PaxTarEntry(TarEntryType.Directory, "bin") { Mode = Everyone },
            new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = Everyone, DataStream = new MemoryStream(s_busybox.Value) },
            new PaxTarEntry(TarEntryType.SymbolicLink, "bin/sh") { LinkName = "busybox" },
            new PaxTarEntry(TarEntryType.SymbolicLink, "bin/cat") { LinkName = "busybox" },
            TextFile("greeting", greeting + "\n"),
        ];
        return Tar([.. entries, .. more]);
    }

    public static TarEntry TextFile(string path, string content) =>
        new PaxTarEntry(TarEntryType.RegularFile, path) { Mode = Everyone, DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };

    public static TarEntry Link(TarEntryType type, string path, string target) => new PaxTarEntry(type, path) { LinkName = target };

    /// <summary>What <c>docker save</c> writes.</summary>
    public static byte[] Docker(string tag, byte[] layer, string? diffId = null, string user = "") => Docker([tag], layer, diffId, user);

    /// <summary>The same under several names.</summary>
    public static byte[] Docker(string[] tags, byte[] layer, string? diffId = null, string user = "")
    {
        byte[] config = Config(diffId ?? Digest(layer), user);
        string configName = Hex(config) + ".json";
        string layerName = Hex(layer) + "/layer.tar";
        var manifest = new JsonArray(new JsonObject { ["Config"] = configName, ["RepoTags"] = new JsonArray([.. tags.Select(tag => JsonValue.Create(tag))]), ["Layers"] = new JsonArray(layerName) });
        return Tar([Blob(configName, config), Blob(layerName, layer), Blob("manifest.json", Json(manifest))]);
    }

    /// <summary>A tar of an OCI image layout, its layer compressed.</summary>
    /// <param name="tag">The image's name.</param>
    /// <param name="layer">The uncompressed layer.</param>
    /// <param name="tampered">Change the stored layer after its digest was taken.</param>
    public static byte[] Oci(string tag, byte[] layer, bool tampered = false)
    {
        byte[] config = Config(Digest(layer), "");
        byte[] compressed = Gzip(layer);
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", config),
            ["layers"] = new JsonArray(Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", compressed)),
        };
        byte[] manifestBytes = Json(manifest);
        JsonObject descriptor = Descriptor("application/vnd.oci.image.manifest.v1+json", manifestBytes);
        descriptor["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = tag };
        var index = new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(descriptor) };
        byte[] stored = [.. compressed];
        if (tampered)
        {
            stored[stored.Length / 2] ^= 1;
        }

        return Tar(
        [
            Blob("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"u8.ToArray()),
            Blob("index.json", Json(index)),
            Blob("blobs/sha256/" + Hex(manifestBytes), manifestBytes),
            Blob("blobs/sha256/" + Hex(config), config),
            Blob("blobs/sha256/" + Hex(compressed), stored),
        ]);
    }

    public static byte[] Gzip(byte[] content)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return output.ToArray();
    }

    public static byte[] Tar(IEnumerable<TarEntry> entries)
    {
        var output = new MemoryStream();
        using (var writer = new TarWriter(output, TarEntryFormat.Pax))
        {
            foreach (TarEntry entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return output.ToArray();
    }

    private static UnixFileMode Everyone => (UnixFileMode)Convert.ToInt32("755", 8);

    private static byte[] Config(string diffId, string user) => Json(new JsonObject
    {
        ["architecture"] = "amd64",
        ["os"] = "linux",
        ["config"] = new JsonObject { ["Cmd"] = new JsonArray("cat", "/greeting"), ["User"] = user },
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(diffId) },
    });

    private static JsonObject Descriptor(string mediaType, byte[] content) => new() { ["mediaType"] = mediaType, ["digest"] = Digest(content), ["size"] = content.Length };

    private static TarEntry Blob(string name, byte[] content) => new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = Everyone, DataStream = new MemoryStream(content) };

    private static byte[] Json(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node);

    private static string Hex(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static string Digest(byte[] content) => "sha256:" + Hex(content);
}
