using System.Text.Json;
using PodAgent.Linux;

namespace PodAgent.Images;

/// <summary>
/// Reads documents that somebody else wrote (manifests, configurations) field by field. Absent and null are the same, unknown fields are
/// skipped, a wrong type is an error that names the field.
/// </summary>
internal static class JsonFields
{
    /// <summary>Parses a document whose root is an object or array.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> content, string what)
    {
        try
        {
            return JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException e)
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{what} is no valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})", e);
        }
    }

    /// <summary>A field that is neither absent nor null.</summary>
    public static JsonElement? Find(JsonElement parent, string name, JsonValueKind kind, string what)
    {
        if (parent.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(what, name, "its parent is no object");
        }

        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == kind ? value : throw Wrong(what, name, $"it is {Describe(value.ValueKind)}, expected {Describe(kind)}");
    }

    /// <summary>A text; empty when absent. Text with a NUL is refused: whatever it is for, the kernel would see another one.</summary>
    public static string Text(JsonElement parent, string name, string what) =>
        Find(parent, name, JsonValueKind.String, what) is { } value ? Checked(value, what, name) : "";

    /// <summary>A list of texts; empty when absent.</summary>
    public static IReadOnlyList<string> Texts(JsonElement parent, string name, string what) =>
        Find(parent, name, JsonValueKind.Array, what) is not { } list
            ? []
            : [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String
                ? Checked(item, what, name)
                : throw Wrong(what, name, $"it holds {Describe(item.ValueKind)}, expected strings"))];

    /// <summary>The keys of an object used as a set, as docker writes volumes and ports; empty when absent.</summary>
    public static IReadOnlyList<string> Keys(JsonElement parent, string name, string what) =>
        Find(parent, name, JsonValueKind.Object, what) is not { } set
            ? []
            : [.. set.EnumerateObject().Select(property => WithoutNul(property.Name, what, name)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>An object whose values are texts; empty when absent.</summary>
    public static IReadOnlyDictionary<string, string> Map(JsonElement parent, string name, string what)
    {
        var map = new Dictionary<string, string>();
        if (Find(parent, name, JsonValueKind.Object, what) is { } value)
        {
            foreach (JsonProperty property in value.EnumerateObject())
            {
                map[WithoutNul(property.Name, what, name)] = property.Value.ValueKind == JsonValueKind.String
                    ? Checked(property.Value, what, name)
                    : throw Wrong(what, name, $"\"{property.Name}\" is {Describe(property.Value.ValueKind)}, expected a string");
            }
        }

        return map;
    }

    /// <summary>A whole number from 0; null when absent.</summary>
    public static long? Count(JsonElement parent, string name, string what) =>
        Find(parent, name, JsonValueKind.Number, what) is not { } value
            ? null
            : value.TryGetInt64(out long number) && number >= 0 ? number : throw Wrong(what, name, "it is no whole number from 0");

    private static string Checked(JsonElement value, string what, string name)
    {
        try
        {
            return WithoutNul(value.GetString()!, what, name);
        }
        catch (InvalidOperationException e)
        {
            // Unpaired surrogate escapes are found only when the text is made.
            throw new ContentException(ErrorKind.InvalidArgument, $"{what}: field \"{name}\" holds text that is not valid Unicode", e);
        }
    }

    private static string WithoutNul(string text, string what, string name) =>
        text.Contains('\0') ? throw Wrong(what, name, "it holds a NUL character") : text;

    private static ContentException Wrong(string what, string name, string problem) => new(ErrorKind.InvalidArgument, $"{what}: field \"{name}\": {problem}");

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
