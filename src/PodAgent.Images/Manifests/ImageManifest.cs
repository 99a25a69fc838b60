using System.Buffers;
using System.Text.Json;
using PodAgent.Linux;

namespace PodAgent.Images.Manifests;

/// <summary>One image: its configuration and layers, the lowest first (OCI image manifest, docker schema 2).</summary>
internal sealed record ImageManifest(Descriptor Config, IReadOnlyList<Descriptor> Layers)
{
    public static ImageManifest Parse(ReadOnlyMemory<byte> content, ImageLimits limits, string what)
    {
        using JsonDocument document = JsonFields.Parse(content, what);
        JsonElement root = document.RootElement;
        if (JsonFields.Count(root, "schemaVersion", what) != 2)
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{what}: schemaVersion is not 2");
        }

        JsonElement config = JsonFields.Find(root, "config", JsonValueKind.Object, what)
            ?? throw new ContentException(ErrorKind.InvalidArgument, $"{what} has no \"config\"");
        JsonElement? layers = JsonFields.Find(root, "layers", JsonValueKind.Array, what);
        if (layers?.GetArrayLength() > limits.MaxLayers)
        {
            throw new ContentException(ErrorKind.ResourceExhausted, $"{what} has {layers.Value.GetArrayLength()} layers, more than {limits.MaxLayers}");
        }

        var manifest = new ImageManifest(
            Descriptor.Parse(config, what),
            layers is { } list ? [.. list.EnumerateArray().Select(layer => Descriptor.Parse(layer, what))] : []);
        if (!MediaTypes.IsConfig(manifest.Config.MediaType))
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{what} is no container image: its configuration has media type \"{manifest.Config.MediaType}\"");
        }

        foreach (Descriptor layer in manifest.Layers)
        {
            if (!MediaTypes.IsLayer(layer.MediaType))
            {
                throw new ContentException(ErrorKind.Unimplemented, $"{what}: layer {layer.Digest} has the unknown media type \"{layer.MediaType}\"");
            }
        }

        return manifest;
    }

    /// <summary>Writes a docker schema 2 manifest, as an archive without one needs. The same parts give the same bytes.</summary>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("schemaVersion"u8, 2);
            writer.WriteString("mediaType"u8, MediaTypes.DockerManifest);
            writer.WritePropertyName("config"u8);
            Write(writer, Config);
            writer.WriteStartArray("layers"u8);
            foreach (Descriptor layer in Layers)
            {
                Write(writer, layer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, Descriptor descriptor)
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType"u8, descriptor.MediaType);
        writer.WriteNumber("size"u8, descriptor.Size);
        writer.WriteString("digest"u8, descriptor.Digest);
        writer.WriteEndObject();
    }
}
