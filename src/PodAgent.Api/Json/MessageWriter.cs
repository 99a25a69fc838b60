using Google.Protobuf;
using Google.Protobuf.Reflection;
using PodAgent.Api.Documents;
using PodAgent.Api.Manifests;
using PodAgent.Api.Schema;

namespace PodAgent.Api.Json;

/// <summary>Turns messages into nodes, keys in alphabetical order as kubectl prints them.</summary>
internal static class MessageWriter
{
    /// <summary>The node of a whole object, with <c>apiVersion</c> and <c>kind</c> when its type has them.</summary>
    public static DocumentNode WriteRoot(IMessage message) =>
        ScalarCodec.TryWrite(message, out DocumentNode? special) ? special ?? ScalarNode.Null() : WriteObject(DynamicMessage.From(message), withKind: true);

    private static MappingNode WriteObject(DynamicMessage message, bool withKind)
    {
        List<MappingEntry> entries = [];
        foreach (FieldSlot slot in MessageShape.Of(message.Type).Sorted)
        {
            if (slot.Owner(message) is { } owner && WriteField(slot, owner) is { } node)
            {
                entries.Add(new MappingEntry(slot.JsonName, node));
            }
        }

        if (withKind && ObjectKind.Of(message.Type) is { } kind)
        {
            entries.Add(new MappingEntry("apiVersion", ScalarNode.String(kind.ApiVersion)));
            entries.Add(new MappingEntry("kind", ScalarNode.String(kind.Kind)));
            entries.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        }

        return new MappingNode(entries);
    }

    private static DocumentNode? WriteField(FieldSlot slot, DynamicMessage owner)
    {
        FieldDescriptor field = slot.Field;
        if (field.IsMap)
        {
            return WriteMap(field, owner.Map(field));
        }

        if (field.IsRepeated)
        {
            List<object> list = owner.List(field);
            return list.Count == 0 ? null : WriteList(field, list);
        }

        if (field.FieldType == FieldType.Message)
        {
            return owner.Get(field) is { } inner ? WriteMessage(inner) : null;
        }

        if (!owner.Has(field) && !slot.IsAlwaysWritten)
        {
            return null;
        }

        object value = owner.Get(field) ?? DynamicMessage.Default(field);
        return slot.IsAlwaysWritten || slot.IsNullable || !IsZero(value) ? WriteScalar(value) : null;
    }

    private static SequenceNode WriteList(FieldDescriptor field, List<object> list)
    {
        List<DocumentNode> items = new(list.Count);
        foreach (object item in list)
        {
            items.Add(field.FieldType == FieldType.Message
                ? WriteItem(item)
                : WriteScalar(item));
        }

        return new SequenceNode(items);
    }

    private static MappingNode? WriteMap(FieldDescriptor field, Dictionary<string, object> map)
    {
        if (map.Count == 0)
        {
            return null;
        }

        bool messages = field.MessageType.FindFieldByNumber(2).FieldType == FieldType.Message;
        List<MappingEntry> entries = new(map.Count);
        foreach ((string key, object item) in map)
        {
            DocumentNode value = messages ? WriteMessage(item) ?? ScalarNode.Null() : WriteScalar(item);
            entries.Add(new MappingEntry(key, value));
        }

        entries.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        return new MappingNode(entries);
    }

    private static DocumentNode? WriteMessage(object message) => message is IMessage scalar
        ? WriteSpecial(scalar)
        : WriteObject((DynamicMessage)message, withKind: false);

    /// <summary>An item of a list: whole objects in lists carry their kind, as kubectl prints them.</summary>
    private static DocumentNode WriteItem(object message) => message is IMessage scalar
        ? WriteSpecial(scalar) ?? ScalarNode.Null()
        : WriteObject((DynamicMessage)message, withKind: true);

    private static DocumentNode? WriteSpecial(IMessage message) => ScalarCodec.TryWrite(message, out DocumentNode? node)
        ? node
        : throw new NotSupportedException($"the class {message.GetType().Name} has no notation of its own");

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
