using System.Text;
using System.Text.Json.Nodes;

namespace PodAgent.Cli.JsonPath;

/// <summary>
/// A template in the form of kubectl's <c>-o jsonpath</c>: text, and in braces a path, a string in quotes, or <c>range PATH</c> ... <c>end</c>.
/// </summary>
internal sealed class JsonPathTemplate
{
    private readonly IReadOnlyList<Action<JsonNode?, StringBuilder>> _parts;

    private JsonPathTemplate(IReadOnlyList<Action<JsonNode?, StringBuilder>> parts) => _parts = parts;

    /// <summary>Reads a template.</summary>
    /// <exception cref="JsonPathException">It is not one.</exception>
    public static JsonPathTemplate Parse(string template)
    {
        var pieces = new Queue<(bool Action, string Text)>(Split(template));
        JsonPathTemplate result = Parse(pieces, inRange: false);
        return result;
    }

    public string Execute(JsonNode? root)
    {
        var output = new StringBuilder();
        Execute(root, output);
        return output.ToString();
    }

    /// <summary>A value as templates print it: strings bare, all else as JSON.</summary>
    internal static string Text(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue scalar when scalar.TryGetValue(out string? text) => text,
        _ => value.ToJsonString(),
    };

    private static JsonPathTemplate Parse(Queue<(bool Action, string Text)> pieces, bool inRange)
    {
        var parts = new List<Action<JsonNode?, StringBuilder>>();
        while (pieces.TryDequeue(out (bool Action, string Text) piece))
        {
            string action = piece.Text.Trim();
            if (!piece.Action)
            {
                parts.Add((_, output) => output.Append(piece.Text));
            }
            else if (action == "end")
            {
                return inRange ? new JsonPathTemplate(parts) : throw new JsonPathException("{end} without {range}");
            }
            else if (action.StartsWith("range ", StringComparison.Ordinal))
            {
                JsonPathExpression over = JsonPathExpression.ParseRelaxed(action["range ".Length..].Trim());
                JsonPathTemplate body = Parse(pieces, inRange: true);
                parts.Add((node, output) =>
                {
                    foreach (JsonNode? item in over.Select(node))
                    {
                        body.Execute(item, output);
                    }
                });
            }
            else
            {
                parts.Add(Print(action));
            }
        }

        return inRange ? throw new JsonPathException("{range} without {end}") : new JsonPathTemplate(parts);
    }

    // One or several values: {.metadata.name} or {.metadata.name "\t"}.
    private static Action<JsonNode?, StringBuilder> Print(string action)
    {
        var text = new JsonPathText(action);
        var values = new List<Action<JsonNode?, StringBuilder>>();
        while (!text.AtEnd)
        {
            if (text.Next is '"' or '\'')
            {
                string literal = text.TakeQuoted();
                values.Add((_, output) => output.Append(literal));
            }
            else if (text.Next is '.' or '[' or '$' or '@')
            {
                JsonPathExpression path = JsonPathExpression.Parse(text);
                values.Add((node, output) => output.AppendJoin(' ', path.Select(node).Select(Text)));
            }
            else
            {
                throw text.Unexpected("expected a path that begins with a dot, or a string in quotes,");
            }

            text.SkipSpace();
        }

        return (node, output) => values.ForEach(value => value(node, output));
    }

    private static IEnumerable<(bool Action, string Text)> Split(string template)
    {
        int position = 0;
        while (position < template.Length)
        {
            int open = template.IndexOf('{', position);
            if (open < 0)
            {
                yield return (false, template[position..]);
                yield break;
            }

            if (open > position)
            {
                yield return (false, template[position..open]);
            }

            int close = End(template, open + 1);
            yield return (true, template[(open + 1)..close]);
            position = close + 1;
        }
    }

    // A brace inside quotes does not close.
    private static int End(string template, int from)
    {
        char quote = '\0';
        for (int i = from; i < template.Length; i++)
        {
            char c = template[i];
            if (quote != '\0' && c == '\\')
            {
                i++;
            }
            else if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else if (c == '}')
            {
                return i;
            }
        }

        throw new JsonPathException($"a brace is not closed in \"{template}\"");
    }

    private void Execute(JsonNode? node, StringBuilder output)
    {
        foreach (Action<JsonNode?, StringBuilder> part in _parts)
        {
            part(node, output);
        }
    }
}
