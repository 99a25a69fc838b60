using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace PodAgent.RootTests.Images;

/// <summary>Makes image archives from layers.</summary>
internal static class ArchiveBuilder
{
    public static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    public static string Hex(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static byte[] Gzip(byte[] content)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return output.ToArray();
    }

    /// <summary>A zstd frame of uncompressed blocks (RFC 8878, 3.1.1.2.2), which every decoder must read.</summary>
    public static byte[] Zstd(byte[] content)
    {
        var output = new MemoryStream();
        output.Write([0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58]);
        for (int at = 0; ;)
        {
            int length = Math.Min(content.Length - at, 64 * 1024);
            bool last = at + length == content.Length;
            int header = (length << 3) | (last ? 1 : 0);
            output.Write([(byte)header, (byte)(header >> 8), (byte)(header >> 16)]);
            output.Write(content, at, length);
            at += length;
            if (last)
            {
                return output.ToArray();
            }
        }
    }

    public static byte[] Config(IEnumerable<byte[]> plainLayers, JsonObject? config = null, string architecture = "amd64") => Bytes(new JsonObject
    {
        ["architecture"] = architecture,
        ["os"] = "linux",
        ["config"] = config ?? new JsonObject { ["Cmd"] = new JsonArray("sh") },
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. plainLayers.Select(layer => (JsonNode)Digest(layer))]) },
    });

    /// <summary>As docker save wrote before version 25.</summary>
    public static byte[] Docker(string? tag, params byte[][] layers) => DockerWith(tag, Config(layers), layers);

    public static byte[] DockerWith(string? tag, byte[] config, params byte[][] storedLayers)
    {
        var manifest = new JsonArray(new JsonObject
        {
            ["Config"] = Hex(config) + ".json",
            ["RepoTags"] = tag is null ? null : new JsonArray(tag),
            ["Layers"] = new JsonArray([.. storedLayers.Select((_, i) => (JsonNode)$"{i}/layer.tar")]),
        });
        var tar = new TarBuilder().File(Hex(config) + ".json", config);
        for (int i = 0; i < storedLayers.Length; i++)
        {
            tar.Directory($"{i}").File($"{i}/layer.tar", storedLayers[i]);
        }

        return tar.File("manifest.json", Bytes(manifest)).Build();
    }

    /// <summary>An OCI layout with one image; <paramref name="edit"/> changes the blobs before they are written.</summary>
    public static byte[] Oci(
        IReadOnlyList<(byte[] Plain, byte[] Stored, string MediaType)> layers,
        Dictionary<string, string>? annotations = null,
        bool nestedIndex = false,
        Action<Dictionary<string, byte[]>>? edit = null,
        string architecture = "amd64",
        JsonObject? config = null)
    {
        var blobs = new Dictionary<string, byte[]>();
        byte[] configBlob = Config(layers.Select(layer => layer.Plain), config, architecture);
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Add(blobs, "application/vnd.oci.image.config.v1+json", configBlob),
            ["layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)Add(blobs, layer.MediaType, layer.Stored))]),
        };
        JsonObject top = Add(blobs, "application/vnd.oci.image.manifest.v1+json", Bytes(manifest));
        if (nestedIndex)
        {
            top["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = architecture };
            var foreign = new JsonObject
            {
                ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
                ["digest"] = "sha256:" + new string('0', 64),
                ["size"] = 7,
                ["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "s390x" },
            };
            var index = new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = "application/vnd.oci.image.index.v1+json",
                ["manifests"] = new JsonArray(foreign, top),
            };
            top = Add(blobs, "application/vnd.oci.image.index.v1+json", Bytes(index));
        }

        if (annotations is not null)
        {
            top["annotations"] = new JsonObject(annotations.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        }

        edit?.Invoke(blobs);
        var tar = new TarBuilder()
            .File("oci-layout", """{"imageLayoutVersion":"1.0.0"}""")
            .File("index.json", Bytes(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(top) }));
        foreach ((string name, byte[] content) in blobs)
        {
            tar.File($"blobs/sha256/{name}", content);
        }

        return tar.Build();
    }

    public static byte[] Oci(Dictionary<string, string>? annotations, params byte[][] layers) =>
        Oci([.. layers.Select(layer => (layer, Gzip(layer), "application/vnd.oci.image.layer.v1.tar+gzip"))], annotations);

    public static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    private static JsonObject Add(Dictionary<string, byte[]> blobs, string mediaType, byte[] content)
    {
        blobs[Hex(content)] = content;
        return new JsonObject { ["mediaType"] = mediaType, ["digest"] = Digest(content), ["size"] = content.Length };
    }
}
