using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using PodAgent.Api.Documents;
using PodAgent.Api.Manifests;

namespace PodAgent.Api.Json;

/// <summary>Turns messages into nodes, keys in alphabetical order as kubectl prints them.</summary>
internal static class MessageWriter
{
    /// <summary>The node of a whole object, with <c>apiVersion</c> and <c>kind</c> when its type has them.</summary>
    public static DocumentNode WriteRoot(IMessage message) =>
        ScalarCodec.TryWrite(message, out DocumentNode? special) ? special ?? ScalarNode.Null() : WriteObject(message, withKind: true);

    private static MappingNode WriteObject(IMessage message, bool withKind)
    {
        List<MappingEntry> entries = [];
        foreach (FieldSlot slot in MessageShape.Of(message.Descriptor).Sorted)
        {
            if (slot.Owner(message) is { } owner && WriteField(slot, owner) is { } node)
            {
                entries.Add(new MappingEntry(slot.JsonName, node));
            }
        }

        if (withKind && ObjectKind.Of(message.Descriptor) is { } kind)
        {
            entries.Add(new MappingEntry("apiVersion", ScalarNode.String(kind.ApiVersion)));
            entries.Add(new MappingEntry("kind", ScalarNode.String(kind.Kind)));
            entries.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        }

        return new MappingNode(entries);
    }

    private static DocumentNode? WriteField(FieldSlot slot, IMessage owner)
    {
        FieldDescriptor field = slot.Field;
        if (field.IsMap)
        {
            return WriteMap(field, (IDictionary)field.Accessor.GetValue(owner));
        }

        if (field.IsRepeated)
        {
            IList list = (IList)field.Accessor.GetValue(owner);
            return list.Count == 0 ? null : WriteList(field, list);
        }

        if (field.FieldType == FieldType.Message)
        {
            return field.Accessor.GetValue(owner) is IMessage inner ? WriteMessage(inner) : null;
        }

        if (!field.HasPresence)
        {
            // Of the services' own messages (CRI, podagent.v1), whose types do not tell zero from absent: a reader can rely on the field.
            return WriteScalar(field, field.Accessor.GetValue(owner));
        }

        if (!field.Accessor.HasValue(owner) && !slot.IsAlwaysWritten)
        {
            return null;
        }

        object value = field.Accessor.GetValue(owner);
        return slot.IsAlwaysWritten || slot.IsNullable || !IsZero(value) ? WriteScalar(field, value) : null;
    }

    private static SequenceNode WriteList(FieldDescriptor field, IList list)
    {
        List<DocumentNode> items = new(list.Count);
        foreach (object? item in list)
        {
            items.Add(field.FieldType == FieldType.Message
                ? WriteItem((IMessage)item!)
                : WriteScalar(field, item!));
        }

        return new SequenceNode(items);
    }

    private static MappingNode? WriteMap(FieldDescriptor field, IDictionary map)
    {
        if (map.Count == 0)
        {
            return null;
        }

        FieldDescriptor values = field.MessageType.FindFieldByNumber(2);
        List<MappingEntry> entries = new(map.Count);
        foreach (DictionaryEntry entry in map)
        {
            DocumentNode value = values.FieldType == FieldType.Message ? WriteMessage((IMessage)entry.Value!) ?? ScalarNode.Null() : WriteScalar(values, entry.Value!);
            entries.Add(new MappingEntry((string)entry.Key, value));
        }

        entries.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        return new MappingNode(entries);
    }

    private static DocumentNode? WriteMessage(IMessage message) =>
        ScalarCodec.TryWrite(message, out DocumentNode? special) ? special : WriteObject(message, withKind: false);

    /// <summary>An item of a list: whole objects in lists carry their kind, as kubectl prints them.</summary>
    private static DocumentNode WriteItem(IMessage message) =>
        ScalarCodec.TryWrite(message, out DocumentNode? special) ? special ?? ScalarNode.Null() : WriteObject(message, withKind: true);

    private static bool IsZero(object value) => value switch
    {
        string text => text.Length == 0,
        bool flag => !flag,
        int number => number == 0,
        long number => number == 0,
        ByteString bytes => bytes.IsEmpty,
        _ => false,
    };

    private static ScalarNode WriteScalar(FieldDescriptor field, object value) => value switch
    {
        _ when field.FieldType == FieldType.Enum => ScalarNode.String(EnumName(field, Convert.ToInt32(value, CultureInfo.InvariantCulture))),
        string text => ScalarNode.String(text),
        bool flag => ScalarNode.OfBoolean(flag),
        int number => ScalarNode.OfInteger(number),
        long number => ScalarNode.OfInteger(number),
        uint number => ScalarNode.OfInteger(number),
        ulong number => ScalarNode.OfInteger(number),
        double number => ScalarNode.Float(number.ToString("R", CultureInfo.InvariantCulture)),
        ByteString bytes => ScalarNode.String(bytes.ToBase64()),
        _ => throw new NotSupportedException($"no type of these protocols has a field of type {value.GetType().Name}"),
    };

    private static string EnumName(FieldDescriptor field, int number) =>
        field.EnumType.FindValueByNumber(number)?.Name ?? number.ToString(CultureInfo.InvariantCulture);
}
