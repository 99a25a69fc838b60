using System.Globalization;
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

        if (!field.HasPresence)
        {
            // Of the services' own messages (CRI, podagent.v1), whose types do not tell zero from absent: a reader can rely on the field.
            return WriteScalar(field, owner.Get(field) ?? DynamicMessage.Default(field));
        }

        if (!owner.Has(field) && !slot.IsAlwaysWritten)
        {
            return null;
        }

        object value = owner.Get(field) ?? DynamicMessage.Default(field);
        return slot.IsAlwaysWritten || slot.IsNullable || !IsZero(value) ? WriteScalar(field, value) : null;
    }

    private static SequenceNode WriteList(FieldDescriptor field, List<object> list)
    {
        List<DocumentNode> items = new(list.Count);
        foreach (object item in list)
        {
            items.Add(field.FieldType == FieldType.Message
                ? WriteItem(item)
                : WriteScalar(field, item));
        }

        return new SequenceNode(items);
    }

    private static MappingNode? WriteMap(FieldDescriptor field, Dictionary<string, object> map)
    {
        if (map.Count == 0)
        {
            return null;
        }

        FieldDescriptor values = field.MessageType.FindFieldByNumber(2);
        List<MappingEntry> entries = new(map.Count);
        foreach ((string key, object item) in map)
        {
            DocumentNode value = values.FieldType == FieldType.Message ? WriteMessage(item) ?? ScalarNode.Null() : WriteScalar(values, item);
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
