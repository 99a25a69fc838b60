using System.Collections.Concurrent;
using Google.Protobuf.Reflection;

namespace PodAgent.Api.Json;

/// <summary>The JSON view of a message type: its fields by name, those of inlined messages among them.</summary>
internal sealed class MessageShape
{
    private static readonly ConcurrentDictionary<MessageDescriptor, MessageShape> s_shapes = [];

    private MessageShape(MessageDescriptor descriptor)
    {
        List<FieldSlot> slots = [];
        List<FieldDescriptor> inlined = [];
        foreach (FieldDescriptor field in descriptor.Fields.InDeclarationOrder())
        {
            if (!FieldRules.Inlined.Contains($"{descriptor.Name}.{field.Name}"))
            {
                slots.Add(new FieldSlot(field, null));
                continue;
            }

            inlined.Add(field);
            slots.AddRange(field.MessageType.Fields.InDeclarationOrder().Select(inner => new FieldSlot(inner, field)));
        }

        Inlined = inlined;
        ByName = slots.ToDictionary(slot => slot.JsonName, StringComparer.Ordinal);
        Sorted = [.. slots.OrderBy(slot => slot.JsonName, StringComparer.Ordinal)];
    }

    /// <summary>Fields by JSON name.</summary>
    public IReadOnlyDictionary<string, FieldSlot> ByName { get; }

    /// <summary>Fields in the order of their JSON names.</summary>
    public IReadOnlyList<FieldSlot> Sorted { get; }

    /// <summary>Fields which hold an inlined message; such a message always exists in what was read.</summary>
    public IReadOnlyList<FieldDescriptor> Inlined { get; }

    public static MessageShape Of(MessageDescriptor descriptor) => s_shapes.GetOrAdd(descriptor, static type => new MessageShape(type));
}
