using System.Text.Json.Nodes;
using Google.Protobuf;
using PodAgent.Api.Json;
using PodAgent.Api.Yaml;
using PodAgent.Cli.JsonPath;

namespace PodAgent.Cli.Output;

/// <summary>What stands behind <c>-o</c>, for objects: json, yaml, name, jsonpath=TEMPLATE or custom-columns=HEADING:PATH,...</summary>
internal sealed class ObjectFormat
{
    private const string Known = "json, yaml, name, wide, jsonpath=TEMPLATE, custom-columns=HEADING:PATH,...";

    private readonly JsonPathTemplate? _template;
    private readonly IReadOnlyList<(string Heading, JsonPathExpression Path)> _columns = [];

    private ObjectFormat(string name, JsonPathTemplate? template = null, IReadOnlyList<(string, JsonPathExpression)>? columns = null)
    {
        Name = name;
        _template = template;
        _columns = columns ?? [];
    }

    /// <summary>json, yaml, name, wide, jsonpath, custom-columns; empty: the usual table.</summary>
    public string Name { get; }

    /// <summary>A table of the program's own.</summary>
    public bool IsTable => Name is "" or "wide";

    /// <summary>Reads the option.</summary>
    /// <exception cref="CliException">It is none of these.</exception>
    public static ObjectFormat Parse(string? option)
    {
        int equals = option?.IndexOf('=', StringComparison.Ordinal) ?? -1;
        string name = equals < 0 ? option ?? "" : option![..equals];
        string rest = equals < 0 ? "" : option![(equals + 1)..];
        try
        {
            return (name, rest) switch
            {
                ("" or "wide" or "json" or "yaml" or "name", "") => new ObjectFormat(name),
                ("jsonpath", { Length: > 0 }) => new ObjectFormat(name, JsonPathTemplate.Parse(rest)),
                ("custom-columns", { Length: > 0 }) => new ObjectFormat(name, columns: [.. rest.Split(',').Select(Column)]),
                ("jsonpath" or "custom-columns", "") => throw new CliException($"error: -o {name} needs a template, as in -o {name}={(name == "jsonpath" ? "'{.metadata.name}'" : "NAME:.metadata.name")}"),
                _ => throw new CliException($"error: unable to match a printer suitable for the output format \"{option}\", allowed formats are: {Known}"),
            };
        }
        catch (JsonPathException mistake)
        {
            throw new CliException($"error: invalid -o {name}: {mistake.Message}");
        }
    }

    /// <summary>Writes one object, or a list with its items.</summary>
    /// <param name="whole">The object or list.</param>
    /// <param name="items">The items of the list, or the object alone.</param>
    /// <param name="kind">The kind in lower case, for names.</param>
    /// <param name="withHeadings">For columns.</param>
    public void Write(IMessage whole, IReadOnlyList<IMessage> items, string kind, bool withHeadings)
    {
        switch (Name)
        {
            case "json":
                Console.Out.WriteLine(KubernetesJson.Write(whole, indented: true));
                break;
            case "yaml":
                Console.Out.Write(KubernetesYaml.Write(whole));
                break;
            case "jsonpath":
                Console.Out.Write(_template!.Execute(Node(whole)));
                break;
            case "name":
                foreach (IMessage item in items)
                {
                    Console.Out.WriteLine($"{kind}/{JsonPathTemplate.Text(Node(item)["metadata"]?["name"])}");
                }

                break;
            default:
                WriteColumns(items, withHeadings);
                break;
        }
    }

    private void WriteColumns(IReadOnlyList<IMessage> items, bool withHeadings)
    {
        var table = new TextTable([.. _columns.Select(column => column.Heading)]);
        foreach (IMessage item in items)
        {
            JsonNode node = Node(item);
            table.Add([.. _columns.Select(column => (Cell)Value(column.Path.Select(node)))]);
        }

        table.Write(Screen.Console, withHeadings);
    }

    private static string Value(IReadOnlyList<JsonNode?> values) =>
        values.Count == 0 ? "<none>" : string.Join(",", values.Select(JsonPathTemplate.Text)).ReplaceLineEndings(" ");

    private static (string Heading, JsonPathExpression Path) Column(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < text.Length - 1
            ? (text[..colon], JsonPathExpression.ParseRelaxed(text[(colon + 1)..]))
            : throw new JsonPathException($"expected HEADING:PATH, got \"{text}\"");
    }

    internal static JsonNode Node(IMessage message) => JsonNode.Parse(KubernetesJson.Write(message))!;
}
