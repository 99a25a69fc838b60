using Google.Protobuf;
using Google.Protobuf.Reflection;
using PodAgent.Api.Json;

namespace PodAgent.Api.Schema;

/// <summary>
/// A message as its fields by number: what the codec reads and writes, with the wire encoding as the bridge to generated classes. A value is a
/// string, bool, int, long or <see cref="ByteString"/>, a <see cref="DynamicMessage"/>, or a generated message that has a notation of its own
/// in JSON (<see cref="ScalarCodec"/>).
/// </summary>
internal sealed class DynamicMessage(MessageDescriptor type)
{
    private const int MapKey = 1;
    private const int MapValue = 2;

    private readonly Dictionary<int, object> _fields = [];

    public MessageDescriptor Type { get; } = type;

    /// <summary>The content of a generated message.</summary>
    public static DynamicMessage From(IMessage message)
    {
        DynamicMessage content = new(ProtoSchema.Of(message));
        content.Merge(message.ToByteString());
        return content;
    }

    /// <summary>Whether a field that is neither list nor map is there; zero may be.</summary>
    public bool Has(FieldDescriptor field) => _fields.ContainsKey(field.FieldNumber);

    /// <summary>A field that is neither list nor map; null when it is absent.</summary>
    public object? Get(FieldDescriptor field) => _fields.GetValueOrDefault(field.FieldNumber);

    public void Set(FieldDescriptor field, object value) => _fields[field.FieldNumber] = value;

    /// <summary>The items of a repeated field, which may be added to.</summary>
    public List<object> List(FieldDescriptor field) => GetOrAdd<List<object>>(field);

    /// <summary>The entries of a map field, which may be added to. Keys are strings in every published type.</summary>
    public Dictionary<string, object> Map(FieldDescriptor field) => GetOrAdd<Dictionary<string, object>>(field);

    /// <summary>Adds everything to a message of the generated class.</summary>
    public void MergeInto(IMessage message) => message.MergeFrom(ToByteString());

    /// <summary>The wire encoding.</summary>
    public ByteString ToByteString()
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory, leaveOpen: true))
        {
            foreach ((int number, object value) in _fields)
            {
                Write(output, Type.FindFieldByNumber(number), value);
            }
        }

        return UnsafeByteOperations.UnsafeWrap(memory.GetBuffer().AsMemory(0, (int)memory.Length));
    }

    private T GetOrAdd<T>(FieldDescriptor field)
        where T : class, new()
    {
        if (_fields.TryGetValue(field.FieldNumber, out object? known))
        {
            return (T)known;
        }

        T added = new();
        _fields[field.FieldNumber] = added;
        return added;
    }

    private static void Write(CodedOutputStream output, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case List<object> items:
                items.ForEach(item => WriteOne(output, field, item));
                break;
            case Dictionary<string, object> map:
                foreach ((string key, object item) in map)
                {
                    using var memory = new MemoryStream();
                    using (var entry = new CodedOutputStream(memory, leaveOpen: true))
                    {
                        WriteOne(entry, field.MessageType.FindFieldByNumber(MapKey), key);
                        WriteOne(entry, field.MessageType.FindFieldByNumber(MapValue), item);
                    }

                    output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
                    output.WriteBytes(UnsafeByteOperations.UnsafeWrap(memory.GetBuffer().AsMemory(0, (int)memory.Length)));
                }

                break;
            default:
                WriteOne(output, field, value);
                break;
        }
    }

    private static void WriteOne(CodedOutputStream output, FieldDescriptor field, object value)
    {
        output.WriteTag(field.FieldNumber, WireTypeOf(field));
        switch (value)
        {
            case string text:
                output.WriteString(text);
                break;
            case bool flag:
                output.WriteBool(flag);
                break;
            case int small:
                output.WriteInt32(small);
                break;
            case long large:
                output.WriteInt64(large);
                break;
            case uint small:
                output.WriteUInt32(small);
                break;
            case ulong large:
                output.WriteUInt64(large);
                break;
            case double real:
                output.WriteDouble(real);
                break;
            case ByteString bytes:
                output.WriteBytes(bytes);
                break;
            case DynamicMessage message:
                output.WriteBytes(message.ToByteString());
                break;
            case IMessage message:
                output.WriteMessage(message);
                break;
            default:
                throw new NotSupportedException($"{field.FullName}: no type of these protocols has a field of type {value.GetType().Name}");
        }
    }

    private void Merge(ByteString content)
    {
        CodedInputStream input = content.CreateCodedInput();
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            FieldDescriptor? field = Type.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag));
            if (field is { IsRepeated: true } && WireTypeOf(field) != WireFormat.WireType.LengthDelimited
                && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                // Packed, as proto3 writes numbers.
                CodedInputStream packed = input.ReadBytes().CreateCodedInput();
                while (!packed.IsAtEnd)
                {
                    List(field).Add(ReadOne(packed, field, null));
                }
            }
            else if (field is null || WireFormat.GetTagWireType(tag) != WireTypeOf(field))
            {
                input.SkipLastField();
            }
            else if (field.IsMap)
            {
                DynamicMessage entry = new(field.MessageType);
                entry.Merge(input.ReadBytes());
                FieldDescriptor value = field.MessageType.FindFieldByNumber(MapValue);
                Map(field)[(string?)entry.Get(field.MessageType.FindFieldByNumber(MapKey)) ?? ""] = entry.Get(value) ?? Default(value);
            }
            else if (field.IsRepeated)
            {
                List(field).Add(ReadOne(input, field, null));
            }
            else
            {
                Set(field, ReadOne(input, field, Get(field)));
            }
        }
    }

    private static object ReadOne(CodedInputStream input, FieldDescriptor field, object? before)
    {
        switch (field.FieldType)
        {
            case FieldType.String:
                return input.ReadString();
            case FieldType.Bool:
                return input.ReadBool();
            case FieldType.Int32:
                return input.ReadInt32();
            case FieldType.Enum:
                return input.ReadEnum();
            case FieldType.Int64:
                return input.ReadInt64();
            case FieldType.UInt32:
                return input.ReadUInt32();
            case FieldType.UInt64:
                return input.ReadUInt64();
            case FieldType.Double:
                return input.ReadDouble();
            case FieldType.Bytes:
                return input.ReadBytes();
            case FieldType.Message when ScalarCodec.New(field.MessageType.FullName) is { } special:
                special.MergeFrom(input.ReadBytes());
                return special;
            case FieldType.Message:
                // What comes twice is one message in two parts.
                DynamicMessage inner = before as DynamicMessage ?? new DynamicMessage(field.MessageType);
                inner.Merge(input.ReadBytes());
                return inner;
            default:
                throw new NotSupportedException($"{field.FullName}: no type of these protocols has a {field.FieldType} field");
        }
    }

    private static WireFormat.WireType WireTypeOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Bool or FieldType.Enum or FieldType.Int32 or FieldType.Int64 or FieldType.UInt32 or FieldType.UInt64 => WireFormat.WireType.Varint,
        FieldType.Double => WireFormat.WireType.Fixed64,
        _ => WireFormat.WireType.LengthDelimited,
    };

    /// <summary>What an absent scalar or message means.</summary>
    public static object Default(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "",
        FieldType.Bool => false,
        FieldType.Int32 or FieldType.Enum => 0,
        FieldType.Int64 => 0L,
        FieldType.UInt32 => 0U,
        FieldType.UInt64 => 0UL,
        FieldType.Double => 0.0,
        FieldType.Bytes => ByteString.Empty,
        FieldType.Message => (object?)ScalarCodec.New(field.MessageType.FullName) ?? new DynamicMessage(field.MessageType),
        _ => throw new NotSupportedException($"{field.FullName}: no type of these protocols has a {field.FieldType} field"),
    };
}
