using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace PodAgent.RootTests.Conformance;

/// <summary>
/// Messages that no well-meaning client sends: fields missing, empty, oversized, contradictory and hostile, made by walking their
/// descriptors. The same seed always gives the same messages.
/// </summary>
/// <param name="seed">Where the random numbers begin.</param>
/// <param name="plausible">Strings that mean something to the server, so that some messages get past the first check.</param>
internal sealed class HostileMessages(int seed, IReadOnlyList<string> plausible)
{
    private const int MaxDepth = 6;

    private static readonly string[] s_strings =
    [
        "", " ", ".", "..", "/", "//", "../../../etc/passwd", "/../..", "/proc/self/root", "a/b", "-1", "0", "\0", "x\0y", "line\nbreak", "%s%n%x",
        "$(reboot)", "é漢\U0001F4A9", "null", "true", "18446744073709551616", new string('a', 65), new string('a', 5000), new string('/', 300),
        "sha256:" + new string('0', 64), "localhost/../x", "vendor.com/class=device", "10.0.0.0/8", "-rf", "c 1:3 rwm", "runtime/default", "NODE", "kernel.shm_rmid_forced",
        "net/../kernel/panic", "cpu.max", "cgroup.procs", "2MB", "0-99999999", "ALL", "CAP_SYS_ADMIN", "SIGKILL",
    ];

    private readonly Random _random = new(seed);

    /// <summary>A message of a type; every field is left out, or set to something bad or plausible.</summary>
    public IMessage Next(MessageDescriptor descriptor) => Next(descriptor, 0);

    /// <summary>A good message with up to three things wrong with it, at any depth: what gets past the first checks.</summary>
    public IMessage Spoil(IMessage good)
    {
        IMessage message = good.Descriptor.Parser.ParseFrom(good.ToByteString());
        for (int i = _random.Next(3); i >= 0; i--)
        {
            Spoil(message, 0);
        }

        return message;
    }

    private void Spoil(IMessage message, int depth)
    {
        FieldDescriptor[] fields = [.. message.Descriptor.Fields.InDeclarationOrder().Where(IsOurs)];
        if (fields.Length == 0)
        {
            return;
        }

        // Most of what can go wrong is deep inside; a wrong ID at the top hides it all.
        IMessage[] inside = [.. fields.Where(field => !field.IsRepeated && !field.IsMap).Select(field => field.Accessor.GetValue(message)).OfType<IMessage>()];
        if (inside.Length > 0 && _random.Next(10) < (depth == 0 ? 9 : 5))
        {
            Spoil(inside[_random.Next(inside.Length)], depth + 1);
            return;
        }

        FieldDescriptor field = fields[_random.Next(fields.Length)];
        switch (field.Accessor.GetValue(message))
        {
            case IDictionary map:
                map[Value(field.MessageType.FindFieldByNumber(1), depth)] = Value(field.MessageType.FindFieldByNumber(2), depth);
                break;
            case IList { Count: > 0 } list when list[0] is IMessage && _random.Next(2) == 0:
                Spoil((IMessage)list[_random.Next(list.Count)]!, depth + 1);
                break;
            case IList list when list.Count > 0 && _random.Next(3) == 0:
                list.Clear();
                break;
            case IList list:
                list.Add(Value(field, depth));
                break;
            case IMessage inner when _random.Next(8) != 0:
                Spoil(inner, depth + 1);
                break;
            default:
                if (_random.Next(4) == 0)
                {
                    field.Accessor.Clear(message);
                }
                else if (field.FieldType != FieldType.Message || depth < MaxDepth)
                {
                    field.Accessor.SetValue(message, Value(field, depth));
                }

                break;
        }
    }

    // Windows' half of the interface means nothing here.
    private static bool IsOurs(FieldDescriptor field) => !field.Name.Contains("windows", StringComparison.OrdinalIgnoreCase);

    private IMessage Next(MessageDescriptor descriptor, int depth)
    {
        IMessage message = descriptor.Parser.ParseFrom(ByteString.Empty);
        foreach (FieldDescriptor field in descriptor.Fields.InDeclarationOrder())
        {
            if (_random.Next(3) == 0 || (field.FieldType == FieldType.Message && depth >= MaxDepth) || !IsOurs(field))
            {
                continue;
            }

            if (field.IsMap)
            {
                var map = (IDictionary)field.Accessor.GetValue(message);
                FieldDescriptor key = field.MessageType.FindFieldByNumber(1);
                FieldDescriptor value = field.MessageType.FindFieldByNumber(2);
                for (int i = Count(); i > 0; i--)
                {
                    map[Value(key, depth)] = Value(value, depth);
                }
            }
            else if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                for (int i = Count(); i > 0; i--)
                {
                    list.Add(Value(field, depth));
                }
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, depth));
            }
        }

        return message;
    }

    private int Count() => _random.Next(12) switch { < 4 => 1, < 7 => 2, 11 => 300, _ => 0 };

    private object Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.String => Text(),
        FieldType.Bytes => ByteString.CopyFromUtf8(Text()),
        FieldType.Bool => _random.Next(2) == 0,
        FieldType.Int64 => Number(),
        FieldType.Int32 => (int)Math.Clamp(Number(), int.MinValue, int.MaxValue),
        FieldType.UInt32 => (uint)Math.Clamp(Number(), 0, uint.MaxValue),
        FieldType.UInt64 => unchecked((ulong)Number()),
        FieldType.Double => (double)Number(),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, _random.Next(4) == 0 ? 99 : _random.Next(field.EnumType.Values.Count)),
        FieldType.Message => Next(field.MessageType, depth + 1),
        var other => throw new NotSupportedException($"{field.FullName} is of type {other}"),
    };

    private string Text() => _random.Next(3) == 0 && plausible.Count > 0 ? plausible[_random.Next(plausible.Count)] : s_strings[_random.Next(s_strings.Length)];

    private long Number() => _random.Next(8) switch
    {
        0 => 0,
        1 => 1,
        2 => -1,
        3 => long.MaxValue,
        4 => long.MinValue,
        5 => uint.MaxValue,
        6 => _random.Next(-70000, 70000),
        _ => _random.NextInt64(),
    };
}
