using System.Numerics;
using Google.Protobuf;
using PodAgent.Api.Documents;
using PodAgent.Api.IntStr;
using PodAgent.Api.Meta;
using PodAgent.Api.Resource;
using PodAgent.Api.Runtime;

namespace PodAgent.Api.Json;

/// <summary>The messages that are not objects in JSON: quantities, times, int-or-string, embedded JSON.</summary>
internal static class ScalarCodec
{
    /// <summary>
    /// Reads <paramref name="node"/> when <paramref name="type"/> has a notation of its own. False: it is an ordinary object.
    /// With an <paramref name="error"/> there is no <paramref name="value"/>.
    /// </summary>
    public static bool TryRead(string type, DocumentNode node, out IMessage? value, out string? error)
    {
        error = null;
        switch (type)
        {
            case "k8s.io.apimachinery.pkg.api.resource.Quantity":
                value = ReadQuantity(node, out error);
                return true;
            case "k8s.io.apimachinery.pkg.util.intstr.IntOrString":
                value = ReadIntOrString(node, out error);
                return true;
            case "k8s.io.apimachinery.pkg.apis.meta.v1.Time":
                value = ReadTime(node, out error) is { } time ? Time.From(time) : null;
                return true;
            case "k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime":
                value = ReadTime(node, out error) is { } micro ? MicroTime.From(micro) : null;
                return true;
            case "k8s.io.apimachinery.pkg.runtime.RawExtension":
                value = new RawExtension { Raw = ByteString.CopyFrom(NodeJson.Write(node)) };
                return true;
            case "k8s.io.apimachinery.pkg.apis.meta.v1.FieldsV1":
                value = new FieldsV1 { Raw = ByteString.CopyFrom(NodeJson.Write(node)) };
                return true;
            default:
                value = null;
                return false;
        }
    }

    /// <summary>An empty message of a type with a notation of its own; null: it is an ordinary object.</summary>
    public static IMessage? New(string type) => type switch
    {
        "k8s.io.apimachinery.pkg.api.resource.Quantity" => new Quantity(),
        "k8s.io.apimachinery.pkg.util.intstr.IntOrString" => new IntOrString(),
        "k8s.io.apimachinery.pkg.apis.meta.v1.Time" => new Time(),
        "k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime" => new MicroTime(),
        "k8s.io.apimachinery.pkg.runtime.RawExtension" => new RawExtension(),
        "k8s.io.apimachinery.pkg.apis.meta.v1.FieldsV1" => new FieldsV1(),
        _ => null,
    };

    /// <summary>Writes a message with a notation of its own. False: it is an ordinary object; a null node: it is not written.</summary>
    public static bool TryWrite(IMessage message, out DocumentNode? node)
    {
        node = null;
        switch (message)
        {
            case Quantity quantity:
                node = ScalarNode.String(quantity.HasString && quantity.String.Length > 0 ? quantity.String : "0");
                return true;
            case IntOrString value:
                node = value.Type == 1 ? ScalarNode.String(value.StrVal) : ScalarNode.OfInteger(value.IntVal);
                return true;
            case Time time:
                // A time without content is how the wire format carries Go's zero time.
                node = time.HasSeconds || time.HasNanos ? ScalarNode.String(time.ToRfc3339()) : null;
                return true;
            case MicroTime micro:
                node = micro.HasSeconds || micro.HasNanos ? ScalarNode.String(micro.ToRfc3339()) : null;
                return true;
            case RawExtension raw:
                node = ReadRaw(raw.Raw);
                return true;
            case FieldsV1 fields:
                node = ReadRaw(fields.Raw);
                return true;
            default:
                return false;
        }
    }

    private static Quantity? ReadQuantity(DocumentNode node, out string? error)
    {
        error = null;
        string? text = node switch
        {
            ScalarNode { Kind: ScalarKind.String } scalar => scalar.Text,
            ScalarNode { Kind: ScalarKind.Integer } scalar => scalar.Integer.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ScalarNode { Kind: ScalarKind.Float } scalar => scalar.Text,
            _ => null,
        };
        if (text is not null && Quantity.TryParse(text, out Quantity? quantity))
        {
            return quantity;
        }

        error = $"expected quantity such as \"500m\" or \"1Gi\", got {node.Describe()}";
        return null;
    }

    private static IntOrString? ReadIntOrString(DocumentNode node, out string? error)
    {
        error = null;
        switch (node)
        {
            case ScalarNode { Kind: ScalarKind.String } scalar:
                return new IntOrString { Type = 1, StrVal = scalar.Text };
            case ScalarNode { Kind: ScalarKind.Integer } scalar when scalar.Integer >= int.MinValue && scalar.Integer <= int.MaxValue:
                return new IntOrString { Type = 0, IntVal = (int)scalar.Integer };
            case ScalarNode { Kind: ScalarKind.Integer } scalar:
                error = OutOfRange(scalar, 32);
                return null;
            default:
                error = $"expected integer or string, got {node.Describe()}";
                return null;
        }
    }

    private static DateTimeOffset? ReadTime(DocumentNode node, out string? error)
    {
        error = null;
        if (node is ScalarNode { Kind: ScalarKind.String } scalar && Rfc3339.TryParse(scalar.Text, out DateTimeOffset time))
        {
            return time;
        }

        error = $"expected time such as \"2026-01-02T15:04:05Z\", got {node.Describe()}";
        return null;
    }

    private static DocumentNode? ReadRaw(ByteString raw)
    {
        DocumentNode? root = null;
        try
        {
            JsonDocumentReader.Read(raw.Span, node => root ??= node);
        }
        catch (DocumentException)
        {
            // Other encodings than JSON may be embedded on the wire; base64 keeps them whole and in sight.
            return ScalarNode.String(raw.ToBase64());
        }

        return root;
    }

    public static string OutOfRange(ScalarNode node, int bits)
    {
        BigInteger limit = BigInteger.One << (bits - 1);
        return $"number {node.Text} is out of range, must be between {-limit} and {limit - 1}";
    }
}
