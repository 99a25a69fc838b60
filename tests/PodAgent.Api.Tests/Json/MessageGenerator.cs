using System.Collections;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using PodAgent.Api.IntStr;
using PodAgent.Api.Meta;
using PodAgent.Api.Resource;
using PodAgent.Api.Runtime;

namespace PodAgent.Api.Tests.Json;

/// <summary>Random messages of any Kubernetes type, filled through their descriptors.</summary>
internal static class MessageGenerator
{
    // These are no pointers in the published types, so there is no object without them.
    private static readonly string[] s_inlined = ["localObjectReference", "handler", "volumeSource", "ephemeralContainerCommon"];

    private static readonly string[] s_awkward =
    [
        "", "a", "8080", "0x1F", "yes", "null", "~", "1.5", "1e3", "1:30", "2026-01-02", " lead", "trail ", "a: b", "a #b", "#c", "- d", "-", "---", "?", "? x", ": x",
        "a:", "[x", "{y", "&z", "*w", "!t", "|", ">", "'q'", "\"dq\"", "%p", "@at", "`bt", "one\ntwo", "one\ntwo\n", "one\n\n  three\n\n", "\n", "\nlead", " \nx",
        "tab\there", "x\t\ny", "cr\r\nlf", "\u0001", "\u0085", "\u2028", "\ufeff", "é", "😀", "<<", "=", "key=value", "a,b", "\\", "C:\\x", "…", "x\n y\nz", "0644", "+1", ".inf",
    ];

    /// <summary>Messages of a type; the generator's size bounds their depth.</summary>
    public static Arbitrary<T> Of<T>()
        where T : class, IMessage<T>, new() =>
        Arb.From(Gen.Choose(0, int.MaxValue).Select(seed =>
        {
            T message = new();
            Fill(message, new Random(seed), 0);
            return message;
        }));

    private static void Fill(IMessage message, Random random, int depth)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            bool inlined = s_inlined.Contains(field.Name);
            if (!inlined && random.NextDouble() > 0.6 / (1 + (depth * 0.35)))
            {
                continue;
            }

            if (field.IsMap)
            {
                IDictionary map = (IDictionary)field.Accessor.GetValue(message);
                for (int count = random.Next(3); count > 0; count--)
                {
                    map[Text(random)] = Value(field.MessageType.FindFieldByNumber(2), random, depth + 1);
                }
            }
            else if (field.IsRepeated)
            {
                IList list = (IList)field.Accessor.GetValue(message);
                for (int count = random.Next(3); count > 0; count--)
                {
                    list.Add(Value(field, random, depth + 1));
                }
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, random, depth + 1));
            }
        }
    }

    private static object Value(FieldDescriptor field, Random random, int depth) => field.FieldType switch
    {
        FieldType.String => Text(random),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Int32 => random.Next(3) == 0 ? random.Next(int.MinValue, int.MaxValue) : random.Next(-2, 3),
        FieldType.Int64 => random.Next(3) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.Next(-2, 3),
        FieldType.Bytes => ByteString.CopyFromUtf8(Text(random)),
        _ => Message(field.MessageType, random, depth),
    };

    private static IMessage Message(MessageDescriptor type, Random random, int depth)
    {
        DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(random.NextInt64(-60_000_000_000, 250_000_000_000)).AddMicroseconds(random.Next(1_000_000));
        IMessage message = type.Parser.ParseFrom(ByteString.Empty);
        switch (message)
        {
            case Quantity:
                return Quantity.FromMilliValue(random.NextInt64(-5_000_000, 5_000_000));
            case Time:
                return Time.From(time);
            case MicroTime:
                return MicroTime.From(time);
            case IntOrString:
                return random.Next(2) == 0 ? new IntOrString { Type = 0, IntVal = random.Next() } : new IntOrString { Type = 1, StrVal = Text(random) };
            case RawExtension:
                return new RawExtension { Raw = ByteString.CopyFromUtf8("{\"a\":[1,\"b\"]}") };
            case FieldsV1:
                return new FieldsV1 { Raw = ByteString.CopyFromUtf8("{\"f:a\":{}}") };
            default:
                Fill(message, random, depth);
                return message;
        }
    }

    private static string Text(Random random) => random.Next(4) == 0
        ? string.Concat(s_awkward[random.Next(s_awkward.Length)], s_awkward[random.Next(s_awkward.Length)])
        : s_awkward[random.Next(s_awkward.Length)];
}
