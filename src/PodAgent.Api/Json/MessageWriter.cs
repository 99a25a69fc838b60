using System.Collections;
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

        if (!field.Accessor.HasValue(owner) && !slot.IsAlwaysWritten)
        {
            return null;
        }

        object value = field.Accessor.GetValue(owner);
        return slot.IsAlwaysWritten || slot.IsNullable || !IsZero(value) ? WriteScalar(value) : null;
    }

    private static SequenceNode WriteList(FieldDescriptor field, IList list)
    {
        List<DocumentNode> items = new(list.Count);
        foreach (object? item in list)
        {
            items.Add(field.FieldType == FieldType.Message
                ? WriteItem((IMessage)item!)
                : WriteScalar(item!));
        }

        return new SequenceNode(items);
    }

    private static MappingNode? WriteMap(FieldDescriptor field, IDictionary map)
    {
        if (map.Count == 0)
        {
            return null;
        }

        bool messages = field.MessageType.FindFieldByNumber(2).FieldType == FieldType.Message;
        List<MappingEntry> entries = new(map.Count);
        foreach (DictionaryEntry entry in map)
        {
            DocumentNode value = messages ? WriteMessage((IMessage)entry.Value!) ?? ScalarNode.Null() : WriteScalar(entry.Value!);
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

    private static ScalarNode WriteScalar(object value) => value switch
    {
        string text => ScalarNode.String(text),
        bool flag => ScalarNode.OfBoolean(flag),
        int number => ScalarNode.OfInteger(number),
        long number => ScalarNode.OfInteger(number),
        ByteString bytes => ScalarNode.String(bytes.ToBase64()),
        _ => throw new NotSupportedException($"no Kubernetes type has a field of type {value.GetType().Name}"),
    };
}
