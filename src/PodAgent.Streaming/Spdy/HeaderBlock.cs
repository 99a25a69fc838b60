using System.Buffers.Binary;
using System.Text;

namespace PodAgent.Streaming.Spdy;

/// <summary>
/// Names and values as they stand in a header block before compression (SPDY/3.1 section 2.6.10): a count, then length and bytes of each
/// name and each value, all lengths 32 bits. Names are lower case; several values of one name are joined by NUL.
/// </summary>
internal static class HeaderBlock
{
    /// <exception cref="SpdyProtocolException">Lengths that do not fit, an empty, repeated or upper-case name.</exception>
    public static Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        uint count = ReadLength(ref block, "count");
        if (count > block.Length / 8)
        {
            throw new SpdyProtocolException($"header block says it has {count} headers but has {block.Length} bytes");
        }

        var headers = new Dictionary<string, string>((int)count, StringComparer.Ordinal);
        for (uint i = 0; i < count; i++)
        {
            string name = ReadText(ref block, "name");
            string value = ReadText(ref block, "value");
            if (name.Length == 0 || name.Any(char.IsAsciiLetterUpper) || !headers.TryAdd(name, value))
            {
                throw new SpdyProtocolException($"header name \"{name}\" is empty, repeated or in upper case");
            }
        }

        return block.IsEmpty ? headers : throw new SpdyProtocolException($"{block.Length} bytes follow the last header");
    }

    public static byte[] Write(IReadOnlyCollection<KeyValuePair<string, string>> headers)
    {
        using var block = new MemoryStream();
        WriteLength(block, headers.Count);
        foreach ((string name, string value) in headers)
        {
            WriteText(block, name);
            WriteText(block, value);
        }

        return block.ToArray();
    }

    private static uint ReadLength(ref ReadOnlySpan<byte> block, string what)
    {
        if (block.Length < 4)
        {
            throw new SpdyProtocolException($"header block ends before a {what}");
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(block);
        block = block[4..];
        return length;
    }

    private static string ReadText(ref ReadOnlySpan<byte> block, string what)
    {
        uint length = ReadLength(ref block, what);
        if (length > block.Length)
        {
            throw new SpdyProtocolException($"header block ends within a {what} of {length} bytes");
        }

        // Bytes as characters: HTTP headers are Latin-1 at best, and nothing may throw here.
        string text = Encoding.Latin1.GetString(block[..(int)length]);
        block = block[(int)length..];
        return text;
    }

    private static void WriteLength(MemoryStream block, int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        block.Write(bytes);
    }

    private static void WriteText(MemoryStream block, string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        WriteLength(block, bytes.Length);
        block.Write(bytes);
    }
}
