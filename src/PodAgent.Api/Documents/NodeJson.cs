using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PodAgent.Api.Documents;

/// <summary>Writes nodes as JSON.</summary>
internal static class NodeJson
{
    /// <summary>UTF-8 JSON of a node; <paramref name="indented"/> as <c>kubectl -o json</c> does, with four spaces.</summary>
    public static byte[] Write(DocumentNode node, bool indented = false)
    {
        ArrayBufferWriter<byte> buffer = new();
        JsonWriterOptions options = new()
        {
            Indented = indented,
            IndentSize = 4,
            NewLine = "\n",
            MaxDepth = DocumentLimits.MaxDepth * 2,
            // Go escapes <, > and & for HTML's sake; the text is for people and programs here.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            SkipValidation = true,
        };
        using (Utf8JsonWriter writer = new(buffer, options))
        {
            Write(writer, node);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, DocumentNode node)
    {
        switch (node)
        {
            case MappingNode mapping:
                writer.WriteStartObject();
                foreach (MappingEntry entry in mapping.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value);
                }

                writer.WriteEndObject();
                break;
            case SequenceNode sequence:
                writer.WriteStartArray();
                foreach (DocumentNode item in sequence.Items)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case ScalarNode { Kind: ScalarKind.String } text:
                writer.WriteStringValue(text.Text);
                break;
            case ScalarNode { Kind: ScalarKind.Boolean } boolean:
                writer.WriteBooleanValue(boolean.Boolean);
                break;
            case ScalarNode { Kind: ScalarKind.Integer } integer:
                WriteInteger(writer, integer.Integer);
                break;
            case ScalarNode { Kind: ScalarKind.Float } number:
                WriteFloat(writer, number.Text);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static void WriteInteger(Utf8JsonWriter writer, BigInteger value)
    {
        // A raw value as the first of an array stays on the bracket's line, so only what no number type holds is written raw.
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            writer.WriteNumberValue((long)value);
        }
        else
        {
            writer.WriteRawValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void WriteFloat(Utf8JsonWriter writer, string text)
    {
        // YAML allows notations that JSON does not: ".5", "1_000.5", "+1.0"; infinities have no JSON at all.
        if (double.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float,
                CultureInfo.InvariantCulture, out double value) && double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }
}
