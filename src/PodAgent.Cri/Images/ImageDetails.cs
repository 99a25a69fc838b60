using System.Buffers;
using System.Text;
using System.Text.Json;
using PodAgent.Images;
using PodAgent.Images.Configs;

namespace PodAgent.Cri.Images;

/// <summary>Verbose information of an image, in the shape that <c>crictl inspecti</c> shows of other runtimes.</summary>
internal static class ImageDetails
{
    /// <summary>A JSON object with <c>chainID</c> and <c>imageSpec</c>, the latter in the terms of the OCI image configuration.</summary>
    public static string Write(ImageRecord record)
    {
        ImageConfig config = record.Config;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("chainID"u8, record.ChainIds.Count > 0 ? record.ChainIds[^1] : "");
            writer.WriteString("manifestDigest"u8, record.ManifestDigest);
            writer.WriteStartObject("imageSpec"u8);
            if (config.Created is { } created)
            {
                writer.WriteString("created"u8, created);
            }

            writer.WriteString("architecture"u8, config.Architecture);
            writer.WriteString("os"u8, config.OperatingSystem);
            if (config.Variant.Length > 0)
            {
                writer.WriteString("variant"u8, config.Variant);
            }

            writer.WriteStartObject("config"u8);
            Write(writer, "User", config.User);
            WriteKeys(writer, "ExposedPorts", config.ExposedPorts);
            Write(writer, "Env", config.Env);
            Write(writer, "Entrypoint", config.Entrypoint);
            Write(writer, "Cmd", config.Cmd);
            WriteKeys(writer, "Volumes", config.Volumes);
            Write(writer, "WorkingDir", config.WorkingDir);
            if (config.Labels.Count > 0)
            {
                writer.WriteStartObject("Labels"u8);
                foreach ((string name, string value) in config.Labels.OrderBy(label => label.Key, StringComparer.Ordinal))
                {
                    writer.WriteString(name, value);
                }

                writer.WriteEndObject();
            }

            Write(writer, "StopSignal", config.StopSignal);
            writer.WriteEndObject();
            writer.WriteStartObject("rootfs"u8);
            writer.WriteString("type"u8, "layers"u8);
            Write(writer, "diff_ids", config.DiffIds);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string name, string value)
    {
        if (value.Length > 0)
        {
            writer.WriteString(name, value);
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            writer.WriteStartArray(name);
            foreach (string value in values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }
    }

    private static void WriteKeys(Utf8JsonWriter writer, string name, IReadOnlyList<string> keys)
    {
        if (keys.Count > 0)
        {
            writer.WriteStartObject(name);
            foreach (string key in keys)
            {
                writer.WriteStartObject(key);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }
    }
}
