using System.Text.Json.Nodes;

namespace PodAgent.Cli.JsonPath;

/// <summary>A path in kubectl's dialect of JSONPath: <c>.spec.containers[?(@.name=="web")].image</c>.</summary>
internal sealed class JsonPathExpression
{
    private readonly IReadOnlyList<JsonPathStep> _steps;

    private JsonPathExpression(IReadOnlyList<JsonPathStep> steps) => _steps = steps;

    /// <summary>Reads a path that stands alone, with or without braces and leading dot, as --sort-by and custom-columns take it.</summary>
    /// <exception cref="JsonPathException">It is not one.</exception>
    public static JsonPathExpression ParseRelaxed(string path)
    {
        string bare = path.StartsWith('{') && path.EndsWith('}') ? path[1..^1] : path;
        var text = new JsonPathText(bare.StartsWith('.') || bare.StartsWith('[') || bare.StartsWith('$') || bare.StartsWith('@') ? bare : "." + bare);
        JsonPathExpression expression = Parse(text);
        return text.AtEnd ? expression : throw text.Unexpected("did not expect more");
    }

    /// <summary>Reads a path, as far as it goes.</summary>
    /// <exception cref="JsonPathException">It does not begin as one.</exception>
    public static JsonPathExpression Parse(JsonPathText text)
    {
        var steps = new List<JsonPathStep>();
        _ = text.TryTake("$") || text.TryTake("@");
        while (true)
        {
            if (text.TryTake(".."))
            {
                steps.Add(Descendants);
                if (text.Next != '[')
                {
                    steps.Add(Field(text));
                }
            }
            else if (text.TryTake("."))
            {
                // "{.}" is the whole.
                if (!text.AtEnd && text.Next is not ('[' or ' ' or ')' or '}'))
                {
                    steps.Add(Field(text));
                }
            }
            else if (text.TryTake("["))
            {
                steps.Add(JsonPathBracket.Parse(text));
            }
            else
            {
                return new JsonPathExpression(steps);
            }
        }
    }

    /// <summary>The values that the path leads to.</summary>
    public IReadOnlyList<JsonNode?> Select(JsonNode? from)
    {
        IReadOnlyList<JsonNode?> current = [from];
        foreach (JsonPathStep step in _steps)
        {
            current = [.. current.SelectMany(node => step(node))];
        }

        return current;
    }

    internal static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonObject mapping => mapping.Select(entry => entry.Value),
        JsonArray list => list,
        _ => [],
    };

    internal static JsonPathStep Named(string name) =>
        node => node is JsonObject mapping && mapping.TryGetPropertyValue(name, out JsonNode? value) ? [value] : [];

    private static JsonPathStep Field(JsonPathText text) => text.TryTake("*") ? Children : Named(text.TakeName());

    private static IEnumerable<JsonNode?> Descendants(JsonNode? node) => Children(node).SelectMany(Descendants).Prepend(node);
}
