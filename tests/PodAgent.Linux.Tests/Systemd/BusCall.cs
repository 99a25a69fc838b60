using System.Globalization;
using System.Text;

namespace PodAgent.Linux.Tests.Systemd;

/// <summary>A call that arrived.</summary>
/// <param name="Serial">Its number.</param>
/// <param name="Member">The method.</param>
/// <param name="Text">The method with its arguments, whatever their types.</param>
internal sealed record BusCall(uint Serial, string Member, string Text)
{
    public static BusCall Parse(byte[] head, byte[] rest, int fieldBytes)
    {
        var fields = new Reader(rest);
        string member = "";
        string signature = "";
        while (fields.Position < fieldBytes)
        {
            fields.Align(8);
            byte code = fields.Byte();
            string type = fields.Signature();
            string value = fields.Value(type, 0, out _);
            (member, signature) = code switch
            {
                3 => (value.Trim('"'), signature),
                8 => (member, value.Trim('"')),
                _ => (member, signature),
            };
        }

        // Alignment in the body counts from its own beginning.
        var body = new Reader(rest[((fieldBytes + 7) / 8 * 8)..]);
        var arguments = new List<string>();
        for (int at = 0; at < signature.Length;)
        {
            arguments.Add(body.Value(signature, at, out at));
        }

        return new BusCall(BitConverter.ToUInt32(head, 8), member, $"{member}({string.Join(',', arguments)})");
    }

    private sealed class Reader(byte[] bytes)
    {
        public int Position { get; private set; }

        public void Align(int boundary) => Position = (Position + boundary - 1) / boundary * boundary;

        public byte Byte() => bytes[Position++];

        public string Signature()
        {
            int length = Byte();
            string text = Encoding.ASCII.GetString(bytes, Position, length);
            Position += length + 1;
            return text;
        }

        /// <summary>The value of the type at a place in a signature, and where the next type begins.</summary>
        public string Value(string signature, int at, out int next)
        {
            next = at + 1;
            switch (signature[at])
            {
                case 'y':
                    return Byte().ToString("x2", CultureInfo.InvariantCulture);
                case 'b':
                    return Number() == 0 ? "false" : "true";
                case 'u':
                    return Number().ToString(CultureInfo.InvariantCulture);
                case 't':
                    Align(8);
                    Position += 8;
                    return BitConverter.ToUInt64(bytes, Position - 8).ToString(CultureInfo.InvariantCulture);
                case 's' or 'o':
                    int length = (int)Number();
                    Position += length + 1;
                    return $"\"{Encoding.UTF8.GetString(bytes, Position - length - 1, length)}\"";
                case 'g':
                    return $"\"{Signature()}\"";
                case 'v':
                    return Value(Signature(), 0, out _);
                case '(':
                    Align(8);
                    var members = new List<string>();
                    while (signature[next] != ')')
                    {
                        members.Add(Value(signature, next, out next));
                    }

                    next++;
                    return string.Join('=', members);
                default:
                    return Array(signature, at, out next);
            }
        }

        private uint Number()
        {
            Align(4);
            Position += 4;
            return BitConverter.ToUInt32(bytes, Position - 4);
        }

        private string Array(string signature, int at, out int next)
        {
            Assert.Equal('a', signature[at]);
            int length = (int)Number();
            if (signature[at + 1] is '(' or 't')
            {
                Align(8);
            }

            int end = Position + length;
            var items = new List<string>();
            next = at + 1;
            while (Position < end)
            {
                items.Add(Value(signature, at + 1, out next));
            }

            if (items.Count == 0)
            {
                // The type is passed over.
                int depth = 0;
                do
                {
                    depth += signature[next] switch { '(' => 1, ')' => -1, _ => 0 };
                    next++;
                }
                while (depth > 0 || signature[next - 1] == 'a');
            }

            return $"[{string.Join(' ', items)}]";
        }
    }
}
