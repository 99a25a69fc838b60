using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace PodAgent.Api.Documents;

/// <summary>Takes JSON apart into nodes. Several values may follow each other, as kubectl allows.</summary>
internal static class JsonDocumentReader
{
    /// <summary>Reads every value of <paramref name="utf8"/> and hands it to <paramref name="found"/>.</summary>
    /// <exception cref="DocumentException">Syntax error or limit; the values before it have been handed over.</exception>
    public static void Read(ReadOnlySpan<byte> utf8, Action<DocumentNode> found)
    {
        JsonReaderOptions options = new() { AllowMultipleValues = true, MaxDepth = 2 * DocumentLimits.MaxDepth };
        Utf8JsonReader reader = new(utf8, options);
        Positions positions = default;
        try
        {
            while (reader.Read())
            {
                int nodes = 0;
                found(ReadValue(ref reader, utf8, ref positions, ref nodes));
            }
        }
        catch (JsonException exception)
        {
            // Both positions of the exception count from 0, the second one in bytes.
            int offset = OffsetOf(utf8, (int)(exception.LineNumber ?? 0), (int)(exception.BytePositionInLine ?? 0));
            (int line, int column) = default(Positions).Of(utf8, offset);
            throw new DocumentException($"invalid JSON: {Explain(utf8, offset)}", line, column);
        }
    }

    private static DocumentNode ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, ref Positions positions, ref int nodes)
    {
        (int line, int column) = positions.Of(utf8, (int)reader.TokenStartIndex);
        if (++nodes > DocumentLimits.MaxNodes)
        {
            throw new DocumentException($"more than {DocumentLimits.MaxNodes} values in one document", line, column);
        }

        if (reader.CurrentDepth >= DocumentLimits.MaxDepth)
        {
            throw new DocumentException($"nested deeper than {DocumentLimits.MaxDepth} levels", line, column);
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                List<MappingEntry> entries = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    (int keyLine, int keyColumn) = positions.Of(utf8, (int)reader.TokenStartIndex);
                    string key = GetString(ref reader, keyLine, keyColumn);
                    reader.Read();
                    entries.Add(new MappingEntry(key, ReadValue(ref reader, utf8, ref positions, ref nodes), keyLine, keyColumn));
                }

                return new MappingNode(entries, line, column);
            case JsonTokenType.StartArray:
                List<DocumentNode> items = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ReadValue(ref reader, utf8, ref positions, ref nodes));
                }

                return new SequenceNode(items, line, column);
            case JsonTokenType.String:
                return ScalarNode.String(GetString(ref reader, line, column), line, column);
            case JsonTokenType.Number:
                string number = Encoding.ASCII.GetString(reader.ValueSpan);
                return BigInteger.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger integer)
                    ? ScalarNode.OfInteger(integer, number, line, column)
                    : ScalarNode.Float(number, line, column);
            case JsonTokenType.True:
            case JsonTokenType.False:
                return ScalarNode.OfBoolean(reader.TokenType == JsonTokenType.True, null, line, column);
            default:
                return ScalarNode.Null("null", line, column);
        }
    }

    private static string GetString(ref Utf8JsonReader reader, int line, int column)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Lone surrogates and bytes that are not UTF-8: replacing them silently would change a name.
            throw new DocumentException("invalid JSON: string is not valid UTF-8", line, column);
        }
    }

    private static string Explain(ReadOnlySpan<byte> utf8, int offset)
    {
        // The framework's own text is not there in a program published without resources, so the place has to speak.
        if (offset >= utf8.Length)
        {
            return "unexpected end of the document";
        }

        return Rune.DecodeFromUtf8(utf8[offset..], out Rune rune, out _) == System.Buffers.OperationStatus.Done && !Rune.IsControl(rune)
            ? $"unexpected character '{rune}'"
            : $"unexpected byte 0x{utf8[offset]:x2}";
    }

    private static int OffsetOf(ReadOnlySpan<byte> utf8, int line, int bytes)
    {
        int start = 0;
        for (int skipped = 0; skipped < line; skipped++)
        {
            int newline = utf8[start..].IndexOf((byte)'\n');
            if (newline < 0)
            {
                break;
            }

            start += newline + 1;
        }

        return Math.Min(start + bytes, utf8.Length);
    }

    /// <summary>Turns growing byte offsets into lines and columns, looking at each byte once.</summary>
    private struct Positions
    {
        private int _offset;
        private int _line;
        private int _column;

        public (int Line, int Column) Of(ReadOnlySpan<byte> utf8, int offset)
        {
            while (utf8[_offset..offset].IndexOf((byte)'\n') is int newline and >= 0)
            {
                _offset += newline + 1;
                _column = 0;
                _line++;
            }

            _column += Encoding.UTF8.GetCharCount(utf8[_offset..offset]);
            _offset = offset;
            return (_line + 1, _column + 1);
        }
    }
}
