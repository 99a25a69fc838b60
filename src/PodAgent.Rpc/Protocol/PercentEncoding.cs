using System.Buffers;
using System.Text;

namespace PodAgent.Rpc.Protocol;

/// <summary>The encoding of <c>grpc-message</c>: UTF-8, with everything but printable ASCII, and <c>%</c> itself, as %XX.</summary>
internal static class PercentEncoding
{
    private static readonly SearchValues<char> s_plain = SearchValues.Create(
        " !\"#$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    internal static string Encode(string text)
    {
        // HTTP strips blanks around a value, so leading and trailing ones are encoded as well.
        if (!text.AsSpan().ContainsAnyExcept(s_plain) && !text.StartsWith(' ') && !text.EndsWith(' '))
        {
            return text;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var result = new StringBuilder(bytes.Length + 16);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte value = bytes[i];
            bool edgeBlank = value == ' ' && (i == 0 || i == bytes.Length - 1);
            if (value is >= 0x20 and <= 0x7E and not (byte)'%' && !edgeBlank)
            {
                result.Append((char)value);
            }
            else
            {
                result.Append('%').Append(Convert.ToHexString(bytes, i, 1));
            }
        }

        return result.ToString();
    }

    /// <summary>Undoes <see cref="Encode"/>; what is not a valid escape stays as it is, because a message must never be lost.</summary>
    internal static string Decode(string text)
    {
        if (!text.Contains('%'))
        {
            return text;
        }

        var bytes = new ArrayBufferWriter<byte>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes.Write(Convert.FromHexString(text.AsSpan(i + 1, 2)));
                i += 2;
            }
            else
            {
                Span<byte> target = bytes.GetSpan(4);
                bool pair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length;
                bytes.Advance(Encoding.UTF8.GetBytes(text.AsSpan(i, pair ? 2 : 1), target));
                i += pair ? 1 : 0;
            }
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
