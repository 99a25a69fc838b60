using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using PodAgent.Api.Schema;

namespace PodAgent.Api.Json;

/// <summary>
/// JSON of a message under its fields' own names (<c>log_path</c>), enumerations as numbers, without what is zero or empty: how other runtimes, written in Go,
/// show CRI's messages in verbose answers.
/// </summary>
public static class FieldNameJson
{
    /// <summary>The message as a JSON object.</summary>
    /// <param name="message">Of one of the packages in <c>protos/</c>.</param>
    public static string Write(IMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, message);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The message as a JSON object, as part of a larger document.</summary>
    /// <param name="json">Where a value is expected.</param>
    /// <param name="message">Of one of the packages in <c>protos/</c>.</param>
    public static void Write(Utf8JsonWriter json, IMessage message)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(message);
        Write(json, DynamicMessage.From(message));
    }

    private static void Write(Utf8JsonWriter json, DynamicMessage message)
    {
        json.WriteStartObject();
        foreach (FieldDescriptor field in message.Type.Fields.InFieldNumberOrder())
        {
            if (field.IsMap)
            {
                WriteMap(json, field, message.Map(field));
            }
            else if (field.IsRepeated)
            {
                WriteList(json, field, message.List(field));
            }
            else if (message.Get(field) is { } value && (field.HasPresence || !IsZero(value)))
            {
                json.WritePropertyName(field.Name);
                WriteValue(json, value);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter json, FieldDescriptor field, Dictionary<string, object> map)
    {
        if (map.Count == 0)
        {
            return;
        }

        json.WriteStartObject(field.Name);
        foreach ((string key, object value) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(key);
            WriteValue(json, value);
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, FieldDescriptor field, List<object> list)
    {
        if (list.Count == 0)
        {
            return;
        }

        json.WriteStartArray(field.Name);
        list.ForEach(value => WriteValue(json, value));
        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case DynamicMessage inner:
                Write(json, inner);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case ByteString bytes:
                json.WriteBase64StringValue(bytes.Span);
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case IMessage:
                throw new NotSupportedException($"{value.GetType().Name} has a notation of its own in Kubernetes JSON; no message of CRI holds one");
            default:
                json.WriteNumberValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static bool IsZero(object value) => value switch
    {
        string text => text.Length == 0,
        bool flag => !flag,
        ByteString bytes => bytes.IsEmpty,
        double number => number == 0,
        _ => Convert.ToDecimal(value, CultureInfo.InvariantCulture) == 0,
    };
}
