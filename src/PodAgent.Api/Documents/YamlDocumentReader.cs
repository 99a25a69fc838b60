using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PodAgent.Api.Documents;

/// <summary>
/// Takes YAML apart into nodes, event by event. Anchors, aliases and merge keys work; a tag that changes what a value means is refused,
/// as nothing in Kubernetes has a use for it.
/// </summary>
internal sealed class YamlDocumentReader
{
    private const string CoreTagPrefix = "tag:yaml.org,2002:";
    private const int LongestShown = 60;

    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, DocumentNode> _anchors = [];
    private readonly HashSet<AnchorName> _open = [];
    private int _nodes;

    private YamlDocumentReader(TextReader text) => _parser = new Parser(text);

    /// <summary>Reads every document of <paramref name="text"/> that is not empty and hands its root to <paramref name="found"/>.</summary>
    /// <exception cref="DocumentException">Syntax error or limit; the documents before it have been handed over.</exception>
    public static void Read(string text, Action<DocumentNode> found)
    {
        YamlDocumentReader reader = new(new StringReader(text));
        try
        {
            reader.ReadStream(found);
        }
        catch (YamlException exception)
        {
            throw Explain(exception, text);
        }
    }

    private static int Line(Mark mark) => (int)Math.Max(mark.Line, 1);

    private static int Column(Mark mark) => (int)Math.Max(mark.Column, 1);

    private static DocumentException Explain(YamlException exception, string text)
    {
        // The parser only sees that something is missing; the tab that ended up in its place is what the author has to find.
        string[] lines = text.Split('\n');
        for (int line = Line(exception.Start); line <= Math.Min(Line(exception.End) + 1, lines.Length); line++)
        {
            string content = lines[line - 1];
            int tab = content.IndexOf('\t', StringComparison.Ordinal);
            if (tab >= 0 && string.IsNullOrWhiteSpace(content[..tab]))
            {
                return new DocumentException("invalid YAML: a tab cannot be used for indentation, use spaces", line, tab + 1);
            }
        }

        string message = exception.Message.TrimEnd('.', ' ');
        message = message.Length == 0 ? "syntax error" : char.ToLowerInvariant(message[0]) + message[1..];
        return new DocumentException($"invalid YAML: {message}", Line(exception.Start), Column(exception.Start));
    }

    private void ReadStream(Action<DocumentNode> found)
    {
        while (Advance())
        {
            if (_parser.Current is not DocumentStart)
            {
                continue;
            }

            // Anchors and the budget belong to one document.
            _anchors.Clear();
            _open.Clear();
            _nodes = 0;
            Advance();
            if (ReadNode(1) is not ScalarNode { Kind: ScalarKind.Null } and var root)
            {
                found(root);
            }
        }
    }

    /// <summary>
    /// Moves to the next event. The parser answers some broken documents with exceptions of its inner workings, which would look like a fault of
    /// the agent; found by feeding it damaged manifests.
    /// </summary>
    private bool Advance()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            Mark place = _parser.Current?.End ?? Mark.Empty;
            throw new DocumentException("invalid YAML: syntax error behind this place", Line(place), Column(place));
        }
    }

    /// <summary>Reads the value that begins at the current event and leaves the event behind it as the current one.</summary>
    private DocumentNode ReadNode(int depth)
    {
        ParsingEvent begin = _parser.Current ?? throw new DocumentException("invalid YAML: unexpected end of the document", 1, 1);
        int line = Line(begin.Start);
        int column = Column(begin.Start);
        if (depth > DocumentLimits.MaxDepth)
        {
            throw new DocumentException($"nested deeper than {DocumentLimits.MaxDepth} levels", line, column);
        }

        if (begin is AnchorAlias alias)
        {
            DocumentNode target = Resolve(alias, line, column);
            if (target.Depth + depth - 1 > DocumentLimits.MaxDepth)
            {
                throw new DocumentException($"nested deeper than {DocumentLimits.MaxDepth} levels", line, column);
            }

            Spend(target.Size, line, column);
            Advance();
            return target;
        }

        Spend(1, line, column);
        NodeEvent node = (NodeEvent)begin;
        if (!node.Anchor.IsEmpty)
        {
            _open.Add(node.Anchor);
        }

        DocumentNode result = node switch
        {
            Scalar scalar => ReadScalar(scalar, line, column),
            SequenceStart sequence => ReadSequence(sequence, depth, line, column),
            MappingStart mapping => ReadMapping(mapping, depth, line, column),
            _ => throw new DocumentException("invalid YAML: expected a value", line, column),
        };
        if (!node.Anchor.IsEmpty)
        {
            _open.Remove(node.Anchor);
            _anchors[node.Anchor] = result;
        }

        Advance();
        return result;
    }

    private DocumentNode Resolve(AnchorAlias alias, int line, int column)
    {
        if (_open.Contains(alias.Value))
        {
            throw new DocumentException($"alias *{alias.Value.Value} stands inside the value that it names", line, column);
        }

        return _anchors.TryGetValue(alias.Value, out DocumentNode? target)
            ? target
            : throw new DocumentException($"alias *{alias.Value.Value} has no anchor before it", line, column);
    }

    private void Spend(int nodes, int line, int column)
    {
        _nodes = DocumentLimits.Add(_nodes, nodes);
        if (_nodes > DocumentLimits.MaxNodes)
        {
            throw new DocumentException($"more than {DocumentLimits.MaxNodes} values in one document, aliases expanded", line, column);
        }
    }

    private static ScalarNode ReadScalar(Scalar scalar, int line, int column)
    {
        string? tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? null : scalar.Tag.Value;
        CheckColon(scalar, line, column);
        if (tag is null)
        {
            return scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty
                ? PlainScalar.Resolve(scalar.Value, line, column)
                : ScalarNode.String(scalar.Value, line, column);
        }

        if (tag == CoreTagPrefix + "str")
        {
            return ScalarNode.String(scalar.Value, line, column);
        }

        // !!int "8080" and the like say no more than the notation already does.
        ScalarNode resolved = PlainScalar.Resolve(scalar.Value, line, column);
        string? wanted = resolved.Kind switch
        {
            ScalarKind.Null => "null",
            ScalarKind.Boolean => "bool",
            ScalarKind.Integer => "int",
            ScalarKind.Float => "float",
            _ => null,
        };
        return tag == CoreTagPrefix + wanted ? resolved : throw UnknownTag(tag, line, column);
    }

    /// <summary>
    /// Refuses unquoted text with the colon of a key in it, which YAML does not have (1.2, 7.3.3): the parser, up to its version 18.1, does not
    /// see the colon behind " *" (<c>run *.sh: x</c>) and before a bracket (<c>{run:}</c>), and hands over key and value as one text.
    /// </summary>
    private static void CheckColon(Scalar scalar, int line, int column)
    {
        if (scalar.Style != ScalarStyle.Plain)
        {
            return;
        }

        string text = scalar.Value;
        for (int colon = text.IndexOf(':', StringComparison.Ordinal); colon >= 0; colon = text.IndexOf(':', colon + 1))
        {
            if (colon == text.Length - 1 || char.IsWhiteSpace(text[colon + 1]))
            {
                // What follows may be a secret.
                string key = colon > LongestShown ? text[..LongestShown] + "..." : text[..colon];
                throw new DocumentException($"invalid YAML: a colon after unquoted text that is not read as a key; put \"{key}\" in quotes", line, column);
            }
        }
    }

    private SequenceNode ReadSequence(SequenceStart start, int depth, int line, int column)
    {
        CheckTag(start.Tag, "seq", line, column);
        List<DocumentNode> items = [];
        Advance();
        while (_parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode(depth + 1));
        }

        return new SequenceNode(items, line, column);
    }

    private MappingNode ReadMapping(MappingStart start, int depth, int line, int column)
    {
        CheckTag(start.Tag, "map", line, column);
        List<MappingEntry> entries = [];
        List<MappingNode> merged = [];
        Advance();
        while (_parser.Current is not MappingEnd)
        {
            bool merge = _parser.Current is Scalar { Style: ScalarStyle.Plain, Value: "<<", Tag.IsEmpty: true };
            DocumentNode key = ReadNode(depth + 1);
            DocumentNode value = ReadNode(depth + 1);
            if (merge)
            {
                AddMerged(value, merged);
            }
            else
            {
                entries.Add(new MappingEntry(KeyOf(key), value, key.Line, key.Column));
            }
        }

        // The object's own keys win over merged ones, and an earlier merged object over a later one.
        HashSet<string> known = merged.Count == 0 ? [] : [.. entries.Select(entry => entry.Key)];
        foreach (MappingNode source in merged)
        {
            entries.AddRange(source.Entries.Where(entry => known.Add(entry.Key)));
        }

        return new MappingNode(entries, line, column);
    }

    private static void AddMerged(DocumentNode value, List<MappingNode> merged)
    {
        switch (value)
        {
            case MappingNode mapping:
                merged.Add(mapping);
                break;
            case SequenceNode sequence when sequence.Items.All(item => item is MappingNode):
                merged.AddRange(sequence.Items.Cast<MappingNode>());
                break;
            default:
                throw new DocumentException($"merge key << needs an object or a list of objects, got {value.Describe()}", value.Line, value.Column);
        }
    }

    private static string KeyOf(DocumentNode key) => key switch
    {
        ScalarNode { Kind: ScalarKind.String or ScalarKind.Integer or ScalarKind.Float } scalar => scalar.Text,
        ScalarNode { Kind: ScalarKind.Boolean } scalar => throw new DocumentException(
            $"key {scalar.Text} reads as a boolean in YAML; quote it: \"{scalar.Text}\"", key.Line, key.Column),
        _ => throw new DocumentException($"a key must be a string, got {key.Describe()}", key.Line, key.Column),
    };

    private static void CheckTag(TagName tag, string name, int line, int column)
    {
        if (!tag.IsEmpty && !tag.IsNonSpecific && tag.Value != CoreTagPrefix + name)
        {
            throw UnknownTag(tag.Value, line, column);
        }
    }

    private static DocumentException UnknownTag(string tag, int line, int column)
    {
        StringBuilder shown = new(tag);
        shown.Replace(CoreTagPrefix, "!!");
        return new DocumentException($"tag {shown} is not supported here", line, column);
    }
}
