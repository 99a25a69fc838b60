using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using PodAgent.Api.Resource;

namespace PodAgent.Api.Defaults;

/// <summary>
/// Brings every quantity of an object into canonical notation. The API server does it when it decodes; an object that came over the wire may
/// say <c>0.5</c> where a manifest says <c>500m</c>, and that is no difference.
/// </summary>
internal static class QuantityDefaults
{
    public static void Apply(IMessage message)
    {
        if (message is Quantity quantity)
        {
            // What is no quantity is left for validation to report.
            if (quantity.String.Length > 0 && QuantityAmount.TryParse(quantity.String, out QuantityAmount amount))
            {
                quantity.String = amount.Canonical();
            }

            return;
        }

        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsMap)
            {
                Apply(((IDictionary)field.Accessor.GetValue(message)).Values);
            }
            else if (field.FieldType == FieldType.Message)
            {
                object? value = field.Accessor.GetValue(message);
                if (value is IList list)
                {
                    Apply(list);
                }
                else if (value is IMessage inner)
                {
                    Apply(inner);
                }
            }
        }
    }

    private static void Apply(IEnumerable values)
    {
        foreach (object? value in values)
        {
            if (value is not IMessage message)
            {
                return;
            }

            Apply(message);
        }
    }
}
