using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using PodAgent.Api.Documents;
using PodAgent.Api.Manifests;
using PodAgent.Api.Schema;

namespace PodAgent.Api.Json;

/// <summary>Fills messages from nodes. It never stops at a problem: what can be read is read, everything else is reported.</summary>
internal sealed class MessageReader(string? file, List<ManifestProblem> problems, bool ignoreUnknown = false)
{
    // Manifests for other agents are full of mistakes of the same kind; nobody reads the thousandth.
    private const int MaxProblems = 500;

    /// <summary>Reads an object into <paramref name="message"/>.</summary>
    /// <param name="node">The object.</param>
    /// <param name="message">An empty message.</param>
    /// <param name="path">Field path of the object, empty for a document's root.</param>
    /// <param name="isRoot">Whether <c>apiVersion</c> and <c>kind</c> belong to the object without being fields of the message.</param>
    public void ReadObject(MappingNode node, IMessage message, string path, bool isRoot)
    {
        DynamicMessage content = new(ProtoSchema.Of(message));
        ReadFields(node, content, path, isRoot);
        content.MergeInto(message);
    }

    /// <summary>Adds a problem at a place of the file.</summary>
    public void Report(int line, int column, string path, string message)
    {
        if (problems.Count < MaxProblems)
        {
            problems.Add(new ManifestProblem(file, line, column, path, message));
        }
        else if (problems.Count == MaxProblems)
        {
            problems.Add(new ManifestProblem(file, line, column, "", "too many problems, those from here on are not listed"));
        }
    }

    private void ReadFields(MappingNode node, DynamicMessage message, string path, bool isRoot)
    {
        MessageShape shape = MessageShape.Of(message.Type);
        foreach (FieldDescriptor inlined in shape.Inlined)
        {
            message.Set(inlined, new DynamicMessage(inlined.MessageType));
        }

        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        foreach (MappingEntry entry in node.Entries)
        {
            string fieldPath = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
            if (!seen.TryAdd(entry.Key, entry.Line))
            {
                Report(entry.Line, entry.Column, fieldPath, $"duplicate key, first on line {seen[entry.Key]}");
            }
            else if (shape.ByName.TryGetValue(entry.Key, out FieldSlot? slot))
            {
                ReadField(slot.Field, slot.Owner(message)!, entry.Value, fieldPath);
            }
            else if (!(isRoot && entry.Key is "apiVersion" or "kind") && !ignoreUnknown)
            {
                ReportUnknown(entry, fieldPath, shape);
            }
        }
    }

    private void ReportUnknown(MappingEntry entry, string path, MessageShape shape)
    {
        string? suggestion = problems.Count < MaxProblems ? NameSuggestion.For(entry.Key, shape.ByName.Keys) : null;
        Report(entry.Line, entry.Column, path, suggestion is null ? "unknown field" : $"unknown field, did you mean \"{suggestion}\"?");
    }

    private void ReadField(FieldDescriptor field, DynamicMessage owner, DocumentNode node, string path)
    {
        if (node is ScalarNode { Kind: ScalarKind.Null })
        {
            return;
        }

        if (field.IsMap)
        {
            ReadMap(field, owner.Map(field), node, path);
        }
        else if (field.IsRepeated)
        {
            ReadList(field, owner.List(field), node, path);
        }
        else if (ReadValue(field, node, path) is { } value)
        {
            owner.Set(field, value);
        }
    }

    private void ReadList(FieldDescriptor field, List<object> list, DocumentNode node, string path)
    {
        if (node is not SequenceNode sequence)
        {
            Report(node.Line, node.Column, path, $"expected list, got {node.Describe()}");
            return;
        }

        for (int index = 0; index < sequence.Items.Count; index++)
        {
            string itemPath = string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
            if (ReadValue(field, sequence.Items[index], itemPath) is { } value)
            {
                list.Add(value);
            }
        }
    }

    private void ReadMap(FieldDescriptor field, Dictionary<string, object> map, DocumentNode node, string path)
    {
        if (node is not MappingNode mapping)
        {
            Report(node.Line, node.Column, path, $"expected object, got {node.Describe()}");
            return;
        }

        FieldDescriptor valueField = field.MessageType.FindFieldByNumber(2);
        foreach (MappingEntry entry in mapping.Entries)
        {
            string entryPath = $"{path}[{entry.Key}]";
            if (map.ContainsKey(entry.Key))
            {
                Report(entry.Line, entry.Column, entryPath, "duplicate key");
                continue;
            }

            // `key:` without a value is an empty string in a map of strings, as the API server takes it.
            object? value = entry.Value is ScalarNode { Kind: ScalarKind.Null } && valueField.FieldType == FieldType.String
                ? ""
                : ReadValue(valueField, entry.Value, entryPath);
            if (value is not null)
            {
                map[entry.Key] = value;
            }
        }
    }

    /// <summary>One value; null after a problem has been reported.</summary>
    private object? ReadValue(FieldDescriptor field, DocumentNode node, string path)
    {
        string? error;
        object? value;
        switch (field.FieldType)
        {
            case FieldType.Message:
                return ReadMessage(field.MessageType, node, path);
            case FieldType.String:
                value = ReadString(node, out error);
                break;
            case FieldType.Bool:
                value = node is ScalarNode { Kind: ScalarKind.Boolean } boolean ? boolean.Boolean : null;
                error = $"expected boolean, got {node.Describe()}";
                break;
            case FieldType.Int32:
                value = ReadInteger(node, 32, out error) is { } number ? (int)number : null;
                break;
            case FieldType.Int64:
                value = ReadInteger(node, 64, out error);
                break;
            case FieldType.Bytes:
                value = ReadBytes(node, out error);
                break;
            default:
                throw new NotSupportedException($"{field.FullName}: no Kubernetes type has a {field.FieldType} field");
        }

        if (value is null)
        {
            Report(node.Line, node.Column, path, error!);
        }

        return value;
    }

    private object? ReadMessage(MessageDescriptor type, DocumentNode node, string path)
    {
        if (ScalarCodec.TryRead(type.FullName, node, out IMessage? special, out string? error))
        {
            if (special is null)
            {
                Report(node.Line, node.Column, path, error!);
            }

            return special;
        }

        if (node is not MappingNode mapping)
        {
            Report(node.Line, node.Column, path, $"expected object, got {node.Describe()}");
            return null;
        }

        // Embedded objects with metadata of their own (items of a typed list) may repeat their kind.
        DynamicMessage message = new(type);
        ReadFields(mapping, message, path, isRoot: ObjectKind.Of(type) is not null);
        return message;
    }

    private static string? ReadString(DocumentNode node, out string? error)
    {
        error = null;
        switch (node)
        {
            case ScalarNode { Kind: ScalarKind.String } scalar:
                return scalar.Text;
            case ScalarNode { Kind: ScalarKind.Null }:
                error = "expected string, got null";
                return null;
            case ScalarNode scalar:
                error = $"expected string, got {scalar.Describe()}; quote it: \"{scalar.Text}\"";
                return null;
            default:
                error = $"expected string, got {node.Describe()}";
                return null;
        }
    }

    private static long? ReadInteger(DocumentNode node, int bits, out string? error)
    {
        error = null;
        if (node is not ScalarNode { Kind: ScalarKind.Integer } scalar)
        {
            error = $"expected integer, got {node.Describe()}";
            return null;
        }

        (long min, long max) = bits == 32 ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
        if (scalar.Integer < min || scalar.Integer > max)
        {
            error = ScalarCodec.OutOfRange(scalar, bits);
            return null;
        }

        return (long)scalar.Integer;
    }

    private static ByteString? ReadBytes(DocumentNode node, out string? error)
    {
        error = null;
        if (node is not ScalarNode { Kind: ScalarKind.String } scalar)
        {
            error = $"expected base64 string, got {node.Describe()}";
            return null;
        }

        try
        {
            return ByteString.FromBase64(scalar.Text);
        }
        catch (FormatException)
        {
            // Without the content: this is where the values of secrets stand.
            error = "expected base64 string, the content is not valid base64";
            return null;
        }
    }
}
